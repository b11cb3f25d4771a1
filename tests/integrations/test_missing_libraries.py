"""An integration without its library says in one line what to install."""

import importlib
import sys

import pytest

from ganeval.errors import MissingExtraError

BASES = {"torchmetrics": "torchmetrics", "lightning": "lightning", "transformers": "hf"}


def assert_one_line(caught, library, extra):
    text = str(caught.value)
    assert f"needs {library}, which is not installed; pip install 'ganeval[{extra}]'" in text
    assert "\n" not in text


@pytest.mark.parametrize("library", BASES)
def test_a_callback_without_its_library_cannot_be_imported(monkeypatch, library):
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, f"ganeval.integrations.{library}", raising=False)
    with pytest.raises(MissingExtraError) as caught:
        importlib.import_module(f"ganeval.integrations.{library}")
    assert_one_line(caught, library, BASES[library])


@pytest.mark.parametrize("library", ["wandb", "mlflow", "trackio"])
def test_a_report_without_its_tracker_is_refused(monkeypatch, history, library):
    monkeypatch.setitem(sys.modules, library, None)
    module = importlib.import_module(f"ganeval.integrations.{library}")
    with pytest.raises(MissingExtraError) as caught:
        module.log_report(None, history)
    assert_one_line(caught, library, library)


@pytest.mark.parametrize("name", ["write_model_card", "write_eval_results"])
def test_the_hub_needs_its_library(monkeypatch, history, tmp_path, name):
    from ganeval.integrations import hub

    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError) as caught:
        getattr(hub, name)(history[300], tmp_path, dataset="me/blobs")
    assert_one_line(caught, "huggingface_hub", "hub")


def test_the_package_loads_no_library():
    before = set(sys.modules)
    for name in ("accelerate", "hub", "mlflow", "tensorboard", "trackio", "wandb"):
        importlib.import_module(f"ganeval.integrations.{name}")
    loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
    assert not loaded & {"accelerate", "huggingface_hub", "mlflow", "tensorboard", "trackio"}
    assert not loaded & {"wandb", "lightning", "transformers", "torchmetrics"}
