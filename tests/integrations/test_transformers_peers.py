import pytest
import torch

from ganeval.errors import InputError
from ganeval.integrations.sampling import SampleScorer

# Its own packages warn.
pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("default")]


class Rows(torch.utils.data.Dataset):
    def __len__(self):
        return 16

    def __getitem__(self, i):
        return {"x": torch.tensor(float(i))}


def trainer_of(generator, folder, **options):
    from transformers import Trainer, TrainingArguments

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.generator = generator

        def forward(self, x):
            return {"loss": -self.generator.power + 0 * x.mean()}

    arguments = TrainingArguments(
        output_dir=str(folder), num_train_epochs=3, per_device_train_batch_size=8,
        learning_rate=0.3, lr_scheduler_type="constant", optim="sgd", report_to="none",
        use_cpu=True, disable_tqdm=True, logging_strategy="no", save_only_model=True, **options,
    )  # fmt: skip
    return Trainer(Model(), arguments, train_dataset=Rows(), eval_dataset=Rows())


def scorer_of(real, generator):
    return SampleScorer(
        real, generator.sample, feature_net="mnist", metrics=["fid"], value_range=(-1, 1), n=128,
        modules=[generator],
    )  # fmt: skip


def test_scores_are_logged_and_choose_the_best_checkpoint(real, generator, tmp_path):
    from ganeval.integrations.transformers import ScoreCallback

    trainer = trainer_of(
        generator, tmp_path, eval_strategy="epoch", save_strategy="best",
        metric_for_best_model="fid", greater_is_better=False,
    )  # fmt: skip
    scorer = scorer_of(real, generator)
    trainer.add_callback(ScoreCallback(scorer, trainer.log))
    trainer.train()
    assert list(scorer.history) == [2, 4, 6]
    logged = {
        entry["step"]: entry for entry in trainer.state.log_history if "eval_fid/low" in entry
    }
    assert list(logged) == [2, 4, 6]
    for step, scores in scorer.history.items():
        assert logged[step]["eval_fid"] == scores["fid"].value
        assert logged[step]["eval_fid/corrected"] == scores["fid"].corrected
    values = [scores["fid"].value for scores in scorer.history.values()]
    assert values == sorted(values, reverse=True)
    assert trainer.state.best_metric == values[-1]
    assert trainer.state.best_model_checkpoint.endswith("checkpoint-6")


def test_a_trainer_that_never_evaluates_is_refused(real, generator, tmp_path):
    from ganeval.integrations.transformers import ScoreCallback

    trainer = trainer_of(generator, tmp_path)
    trainer.add_callback(ScoreCallback(scorer_of(real, generator), trainer.log))
    with pytest.raises(InputError, match="eval_strategy 'no', so that nothing would be scored"):
        trainer.train()
