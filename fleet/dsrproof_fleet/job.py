"""The job on Spark: captures to evidence, and evidence to less evidence, as a tree."""

import os
import shutil

from .evidence import Share


def ship(context, work):
    """Sends this package to the executors, which need not have it. `work` has to last as long as the job."""
    folder = os.path.dirname(os.path.abspath(__file__))
    archive = os.path.join(work, "dsrproof_fleet")
    context.addPyFile(shutil.make_archive(archive, "zip", os.path.dirname(folder), os.path.basename(folder)))


def evidence(context, program, captures, per_task, fan_in):
    """Shares that hold all captures together: one, or several where one would be too large to move."""
    batches = [captures[start : start + per_task] for start in range(0, len(captures), per_task)]
    numbered = context.parallelize(list(enumerate(batches)), len(batches))
    shares = numbered.map(lambda batch: (batch[0], program.read(batch[1])), preservesPartitioning=True)
    count = len(batches)
    while count > 1:
        count = -(-count // fan_in)
        shares = _joined(shares, program, count, fan_in)
    return (share for _, share in shares.toLocalIterator())


def _joined(shares, program, count, fan_in):
    def merge(number, group):
        return ((number, share) for share in program.merge(share for _, share in group))

    return shares.partitionBy(count, lambda number: number // fan_in).mapPartitionsWithIndex(merge)


def total(shares, folder):
    """What became of all captures, and the files of their evidence."""
    whole, files = Share(), []
    for share in shares:
        whole.add(share)
        if share.evidence:
            files.append(os.path.join(folder, f"{len(files)}.evidence"))
            with open(files[-1], "wb") as file:
                file.write(share.evidence)
    return whole, files
