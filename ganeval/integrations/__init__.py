"""Other people's training loops and trackers: one file for each library, imported by its name.

metric of torchmetrics          torchmetrics.ScoreMetric
inside a training loop          sampling.SampleScorer, and callbacks on it:
                                lightning.ScoreCallback, transformers.ScoreCallback
scores to a tracker             tensorboard, wandb, mlflow, trackio, accelerate: each log_scores
                                and log_report
a report of a whole run         run_report.write_run_report
Hugging Face Hub                hub.write_model_card, hub.write_eval_results

Nothing is imported here: `from ganeval.integrations.lightning import ScoreCallback`.
"""
