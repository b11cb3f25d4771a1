"""A training loop of diffusers with Accelerate, and a pipeline that is scored inside it."""

import pytest
import torch

from ganeval.integrations.sampling import SampleScorer

# Its own packages warn.
pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("default")]


def test_a_diffusion_pipeline_is_scored_while_it_trains(real, digits, tmp_path):
    from accelerate import Accelerator
    from diffusers import DDPMPipeline, DDPMScheduler, UNet2DModel
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    from ganeval.integrations.accelerate import log_report, log_scores

    torch.manual_seed(0)
    accelerator = Accelerator(cpu=True, log_with="tensorboard", project_dir=tmp_path)
    accelerator.init_trackers("run")
    net = UNet2DModel(
        sample_size=28, in_channels=1, out_channels=1, layers_per_block=1, norm_num_groups=4,
        block_out_channels=(8, 8), dropout=0.1, down_block_types=("DownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "UpBlock2D"),
    )  # fmt: skip
    scheduler = DDPMScheduler(num_train_timesteps=20)
    optimizer = torch.optim.Adam(net.parameters(), 1e-3)
    loader = torch.utils.data.DataLoader(digits, batch_size=64)
    net, optimizer, loader = accelerator.prepare(net, optimizer, loader)

    pipeline = DDPMPipeline(accelerator.unwrap_model(net), scheduler)
    pipeline.set_progress_bar_config(disable=True)
    modes = []

    def sample(n):
        modes.append(net.training)
        return pipeline(n, num_inference_steps=5, output_type="np").images

    scorer = SampleScorer(
        real, sample, feature_net="mnist", value_range=(0, 1), n=96, modules=[net]
    )
    step = 0
    for _ in range(3):
        for clean in loader:
            noise = torch.randn_like(clean)
            times = torch.randint(0, 20, (len(clean),))
            noisy = scheduler.add_noise(clean, noise, times)
            loss = (net(noisy, times).sample - noise).square().mean()
            accelerator.backward(loss)
            optimizer.step()
            optimizer.zero_grad()
            step += 1
        log_scores(accelerator, scorer(step), step=step)
    log_report(accelerator, scorer.history)
    accelerator.end_training()

    assert net.training and not any(modes)
    assert list(scorer.history) == [4, 8, 12]
    assert scorer.history[12]["fid"].n_fake == 96
    events = EventAccumulator(str(tmp_path / "run"), {"images": 0})
    events.Reload()
    written = {event.step: event.value for event in events.Scalars("fid/corrected")}
    assert written == pytest.approx(
        {step: scores["fid"].corrected for step, scores in scorer.history.items()}, rel=1e-6
    )
    assert [image.step for image in events.Images("FID over training")] == [12]


def test_other_processes_and_trackers_are_left_alone(history):
    from types import SimpleNamespace

    from ganeval.integrations.accelerate import log_report

    other = SimpleNamespace(name="comet_ml", tracker=None)
    log_report(SimpleNamespace(is_main_process=True, trackers=[other]), history)
    log_report(SimpleNamespace(is_main_process=False, trackers=[other]), history)
