from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter, gaussian_laplace

from ganeval.datasets import LIN41
from ganeval.datasets.synthlin import DEFECTS, LIN, PROTEINS, simulate, simulate_all
from ganeval.datasets.synthlin.blur import blur
from ganeval.datasets.synthlin.cells import draw_cell
from ganeval.datasets.synthlin.microscope import _quantile, outline
from ganeval.errors import InputError


def test_the_proteins_are_lins():
    assert sorted(PROTEINS) == sorted(LIN41) == list(LIN41)


@settings(max_examples=15, deadline=None)
@given(protein=st.sampled_from(LIN41), seed=st.integers(0, 10**6))
def test_a_cell_looks_like_lins(protein, seed):
    """Format of the real images: mostly exact 0 around one cell of 36 to 80 by 16 to 30 pixels."""
    image = simulate(protein, 1, seed=seed).images[0]
    assert image.shape == (2, 48, 80) and image.dtype == np.uint8
    inside = gaussian_filter((image > 0).any(0).astype(float), 1) > 0.5
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    assert 34 <= np.ptp(columns) + 1 <= 80 and 14 <= np.ptp(rows) + 1 <= 32
    assert 0.5 < (image == 0).mean() < 0.9
    assert image.max() > 60


def test_a_cell_depends_on_its_number_alone():
    whole = simulate("Arp3", 7, seed=3)
    rest = simulate("Arp3", 4, seed=3, start=3)
    np.testing.assert_array_equal(whole.images[3:], rest.images)
    assert whole.captions[3:] == rest.captions
    assert whole.states[3:] == rest.states


def test_parts_seeds_and_proteins_share_no_cell():
    sets = [
        simulate("Arp3", 20),
        simulate("Arp3", 20, part="test"),
        simulate("Arp3", 20, part="model"),
        simulate("Arp3", 20, seed=1),
        simulate("Fim1", 20),
    ]
    rows = np.concatenate([cells.images.reshape(20, -1) for cells in sets])
    assert len(np.unique(rows, axis=0)) == 100
    assert len({state.length for cells in sets for state in cells.states}) == 100


def test_length_on_the_picture_is_the_cells():
    cells = simulate("Ppb1", 60)
    seen = [np.ptp(np.flatnonzero((image[0] > 25).sum(0) > 3)) + 1 for image in cells.images]
    true = [state.length for state in cells.states]
    assert np.corrcoef(seen, true)[0, 1] > 0.97
    assert abs(np.mean(seen) - np.mean(true)) < 2.5


def test_bgs4_is_at_the_septum_of_dividing_cells_and_only_there():
    cells = simulate("Ppb1", 120)
    ratio = {True: [], False: []}
    for image, state in zip(cells.images, cells.states, strict=True):
        red, at = image[0].astype(float), round(state.centre[1] + state.septum_at)
        quarter = round(state.length / 4)
        band = red[16:32, at - 1 : at + 2].mean()
        beside = (red[16:32, at - quarter].mean() + red[16:32, at + quarter].mean()) / 2
        ratio[state.septum > 0.5].append(band / beside)
    assert np.median(ratio[True]) > 1.8 > 1.3 > np.median(ratio[False])
    assert 20 < len(ratio[True]) < 60  # as in a culture that is not synchronised


@pytest.mark.parametrize(("protein", "sign"), [("Pmk1", 1), ("Mkh1", -1)])
def test_the_nucleus_is_lighter_or_darker_than_the_cytoplasm(protein, sign):
    cells = simulate(protein, 150)
    contrast = []
    for image, state in zip(cells.images, cells.states, strict=True):
        if len(state.nuclei) == 1:
            green, middle = image[1].astype(float), state.centre[1]
            at, row = round(middle + state.nuclei[0]), round(state.centre[0])
            aside = [round(middle + side * state.length / 4) for side in (-1, 1)]
            patch = green[row - 2 : row + 3]
            contrast.append(
                patch[:, at - 1 : at + 2].mean()
                / np.mean([patch[:, a - 1 : a + 2].mean() for a in aside])
            )
    assert sign * (np.median(contrast) - 1) > 0.03


def test_patches_are_spots_and_diffuse_proteins_are_not():
    def spots(protein):
        green = simulate(protein, 40).images[:, 1].astype(float)
        return np.mean([np.quantile(-gaussian_laplace(g, 1.0), 0.99) / g.mean() for g in green])

    assert min(spots("Act1"), spots("Fim1")) > 2 * max(spots("Ppb1"), spots("Rgf1"))


def test_all_proteins_of_the_same_cells():
    cells = simulate_all(3, seed=5)
    assert cells.images.shape == (3, 42, 48, 80)
    alone = simulate_all(1, seed=5, start=2)
    np.testing.assert_array_equal(alone.images[0], cells.images[2])
    for image in cells.images:
        outlines = [(gaussian_filter(channel.astype(float), 1) > 12) for channel in image]
        shared = np.logical_and.reduce(outlines).sum()
        assert all(shared > 0.6 * outline.sum() for outline in outlines)
    assert len({channel.tobytes() for channel in cells.images[0]}) == 42


def test_captions_are_true():
    cells = simulate("Sid2", 80)
    for state, text in zip(cells.states, cells.captions, strict=True):
        assert ("sept" in text.split(";")[0] or "divid" in text) == state.dividing
        assert ("both ends" in text) == (state.bipolar and len(state.nuclei) == 1)
        assert ("long " in text.split(";")[0]) == (state.length > 62)
        assert "Sid2" in text
    assert len(set(cells.captions)) > 20


def test_a_wider_law_is_another_law_for_the_same_cells():
    wider = replace(LIN, level_spread=0.6, odd_exposure=0.5)
    plain, wide = simulate("Tea1", 30), simulate("Tea1", 30, microscope=wider)
    levels = [cells.images[:, 1].mean((1, 2)) for cells in (plain, wide)]
    assert levels[1].std() > 1.1 * levels[0].std()


def test_red_light_is_seen_in_the_green_channel():
    def together(crosstalk):
        law = replace(LIN, crosstalk=crosstalk)
        images = simulate("Sty1", 30, microscope=law).images.astype(float)
        inside = [image[:, image.max(0) > 0] for image in images]
        return np.mean([np.corrcoef(pixels)[0, 1] for pixels in inside])

    assert together(0.0) < together(0.1) < together(0.5)


def test_a_mask_is_whole_a_pixel_further_in():
    """Its edge is partial coverage, as of a mask that was turned with its picture."""
    cell = simulate("Tea1", 1).states[0]
    law = replace(LIN, ragged=0.0, edge_spread=0.0)
    mask = outline(cell, np.random.default_rng(0), law)
    assert (mask[cell.depth <= law.edge] == 0).all()
    assert (mask[cell.depth >= law.edge + 1.01] == 1).all()
    assert ((mask > 0) & (mask < 1)).sum() > 40


def test_cells_of_some_proteins_are_slimmer():
    girths = {name: protein.optics.girth for name, protein in PROTEINS.items()}
    least, most = min(girths, key=girths.get), max(girths, key=girths.get)
    slim, stout = ([c.width for c in simulate(name, 60).states] for name in (least, most))
    ratio = np.mean(slim) / np.mean(stout)
    assert ratio == pytest.approx(girths[least] / girths[most], abs=0.03) and ratio < 0.97


def test_an_entry_of_ones_own_is_drawn():
    stout = replace(PROTEINS["Tea1"], optics=replace(PROTEINS["Tea1"].optics, girth=1.3))
    assert (
        simulate(stout, 30).images.any(1).mean() > 1.15 * simulate("Tea1", 30).images.any(1).mean()
    )
    np.testing.assert_array_equal(simulate(PROTEINS["Tea1"], 3).images, simulate("Tea1", 3).images)
    with pytest.raises(InputError, match="no protein 'Tea9'"):
        simulate(replace(stout, name="Tea9"), 1)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    along=st.floats(-45, 45),
    across=st.floats(-15, 15),
    size=st.floats(0.6, 4.5),
    stretch=st.sampled_from([1.0, 1.3, 1.6]),
)
def test_a_blob_is_drawn_where_it_shines(seed, along, across, size, stretch):
    """Against the whole picture: what is left out is a few thousandths of a grey level."""
    cell = draw_cell(np.random.default_rng(seed))
    where, light = cell.spot(along, across, size, stretch)
    drawn = np.zeros(cell.depth.shape)
    drawn[where] = light
    squares = ((cell.along - along) / stretch) ** 2 + (cell.across - across) ** 2
    np.testing.assert_allclose(drawn, np.exp(-squares / (2 * size**2)), atol=2e-5)


@settings(max_examples=30, deadline=None)
@given(
    sigma=st.floats(0.2, 6) | st.floats(0.5, 6, width=32).map(np.float32),
    truncate=st.sampled_from([3.0, 4.0]),
    seed=st.integers(0, 99),
)
@example(sigma=np.float32(3.1666665), truncate=3.0, seed=0)
def test_blur_is_scipys_to_the_bit(sigma, truncate, seed):
    light = np.random.default_rng(seed).random((48, 80), np.float32)
    np.testing.assert_array_equal(
        blur(light, sigma, truncate), gaussian_filter(light, sigma, truncate=truncate)
    )


@settings(deadline=None)
@given(n=st.integers(1, 2000), share=st.floats(0, 1), seed=st.integers(0, 10**6))
def test_the_brightest_place_is_numpys_quantile(n, share, seed):
    values = np.random.default_rng(seed).random(n, np.float32)
    np.testing.assert_allclose(_quantile(values, share), np.quantile(values, share), rtol=1e-6)


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_of_strength_0_changes_nothing(name):
    plain = simulate("For3", 12, part="model")
    faulty = simulate("For3", 12, part="model", defect=name, strength=0)
    np.testing.assert_array_equal(plain.images, faulty.images)


def test_defects_do_what_they_say():
    def made(name, strength, n=60, protein="For3"):
        return simulate(protein, n, part="model", defect=name, strength=strength)

    plain = made("none", None)
    lengths = np.array([state.length for state in plain.states])
    shorter = np.array([state.length for state in made("shorter", 0.2).states])
    np.testing.assert_allclose(shorter, 0.8 * lengths)
    assert not any(state.dividing for state in made("no_division", 1).states)
    np.testing.assert_array_equal(
        made("shifted", 2).images[:, 1, :, 2:], plain.images[:, 1, :, :-2]
    )
    np.testing.assert_array_equal(made("shifted", 2).images[:, 0], plain.images[:, 0])
    blurred = made("blurred", 1).images
    rough = [np.abs(np.diff(x.astype(float))).mean() for x in (plain.images, blurred)]
    assert rough[1] < 0.6 * rough[0]
    copies = simulate("For3", 5).images
    half = made("memorised", 0.5).images
    assert 18 <= sum(any((image == copy).all() for copy in copies) for image in half) <= 42
    bare = made("no_septum", 1)
    np.testing.assert_array_equal(bare.images[:, 0], plain.images[:, 0])
    changed = (bare.images[:, 1] != plain.images[:, 1]).any((1, 2))
    np.testing.assert_array_equal(changed, [state.dividing for state in plain.states])


def test_unknown_names_list_the_known():
    with pytest.raises(InputError, match="no protein 'Arp4'; known: Act1, Alp14"):
        simulate("Arp4", 1)
    with pytest.raises(InputError, match="unknown defect 'blured'; did you mean 'blurred'"):
        simulate("Arp3", 1, defect="blured")


@pytest.mark.parametrize(
    ("defect", "strength"), [("blurred", -1), ("shorter", 0.9), ("memorised", 2)]
)
def test_strengths_without_sense_are_refused(defect, strength):
    with pytest.raises(InputError, match=f"the strength of {defect} is .*, from 0 to"):
        simulate("Arp3", 1, defect=defect, strength=strength)
    with pytest.raises(InputError, match="the seed is -1"):
        simulate("Arp3", 1, seed=-1)
