-- Figures of the jobs, summed up over all workers for good: how each kind ended, how long its steps took.
CREATE TABLE job_figures (
    figure TEXT NOT NULL,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    bucket TEXT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (figure, kind, label, bucket)
);
