"""One verdict of thousands of captures: runs `dsrproof evidence` on Spark's executors, and `dsrproof verify` once."""
