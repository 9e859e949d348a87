"""Builds each mutant of mutants.py and proves that its test fails.

A mutant is a copy of the sources with one passage replaced, built in a tree of its own, so that the
program itself carries nothing for it. A passage that is not found exactly once, a mutant that does
not compile and a test that passes are all failures here; so is a test that fails without a mutant,
for it would prove nothing.
"""

import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import queue
import shlex
import shutil
import subprocess
import sys
import time

from mutants import MUTANTS

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOST_DRAWN = 100  # ten minutes on two cores


def run(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


def copy_sources(tree):
    """Only what changed is written again, so that the tree is built once and then step by step."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        source, copy = ROOT / name, tree / name
        if not source.is_file():
            continue
        if copy.exists() and copy.read_bytes() == source.read_bytes():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, copy)  # as new as it is here, so that it is built again


def build(tree, target):
    environment = {**os.environ, "CCACHE_BASEDIR": str(tree), "CCACHE_NOHASHDIR": "1"}
    if not (tree / "build/dev/build.ninja").exists():
        configured = run(["cmake", "--preset", "dev"], cwd=tree, env=environment)
        if configured.returncode != 0:
            sys.exit(configured.stdout)
    return run(["ninja", "-C", "build/dev", *target.split()], cwd=tree, env=environment)


def passes(tree, command):
    """A test that hangs has failed."""
    try:
        return run(shlex.split(command.format(build=tree / "build/dev")), cwd=tree, timeout=300).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def prove_unbroken(tree, mutants, run_tests):
    """Builds all that the mutants need, once, and sees their tests pass."""
    targets = sorted({target for mutant in mutants for target in mutant[4].split()})
    built = build(tree, " ".join(targets))
    if built.returncode != 0:
        sys.exit("the program itself does not compile:\n" + "\n".join(built.stdout.splitlines()[-15:]))
    for command in dict.fromkeys(mutant[5] for mutant in mutants) if run_tests else ():
        if not passes(tree, command):
            sys.exit("fails without a mutant: " + command)


def prove(tree, mutant):
    name, file, original, replacement, target, command = mutant
    path = tree / file
    text = path.read_text()
    if text.count(original) != 1:
        return f"{file}: the passage stands there {text.count(original)} times, not once"
    path.write_text(text.replace(original, replacement))
    try:
        built = build(tree, target)
        if built.returncode != 0:
            return "does not compile:\n" + "\n".join(built.stdout.splitlines()[-15:])
        return "survives: its test passes" if passes(tree, command) else None
    finally:
        path.write_text(text)


def git(*arguments):
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def drawn(mutants, share):
    """Those whose source differs from the commit CHANGE_BASE, and of the rest one in `share`; drawn by the newest commit."""
    changed = set(git("diff", "--name-only", os.environ.get("CHANGE_BASE", "HEAD")).split())
    commit = git("rev-parse", "HEAD")

    def lot(name):
        return int.from_bytes(hashlib.sha256((commit + name).encode()).digest()[:8], "big")

    chosen = [m for m in mutants if m[1] in changed or lot(m[0]) % share == 0]
    return sorted(chosen, key=lambda m: lot(m[0]))[:MOST_DRAWN]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=lambda path: pathlib.Path(path).resolve(), help="where the copies are built")
    parser.add_argument("--only", default="", help="mutants whose name contains this")
    parser.add_argument("--drawn", type=int, metavar="SHARE",
                        help="only those in files that differ from the commit CHANGE_BASE, and one in SHARE of the rest")
    options = parser.parse_args()
    chosen = [m for m in MUTANTS if options.only in m[0]]
    if options.drawn:
        chosen = drawn(chosen, options.drawn)
        print(f"{len(chosen)} of {len(MUTANTS)} mutants; all of them: ./dev mutants", flush=True)
    # A tree for each core: a mutant is one file to compile and one test to link and run, which keeps
    # no more than one busy. The second tree finds what the first one compiled in the cache.
    trees = queue.SimpleQueue()
    begin = time.monotonic()
    for number in range(min(os.cpu_count() or 1, len(chosen))):
        tree = options.tree / str(number)
        copy_sources(tree)
        prove_unbroken(tree, chosen, run_tests=number == 0)
        trees.put(tree)
    print(f"without a mutant: built and passed in {time.monotonic() - begin:.0f} s", flush=True)

    def prove_one(mutant):
        tree = trees.get()
        started = time.monotonic()
        try:
            return mutant[0], prove(tree, mutant), time.monotonic() - started
        finally:
            trees.put(tree)

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max(1, trees.qsize())) as pool:
        proofs = [pool.submit(prove_one, mutant) for mutant in chosen]
        for number, proof in enumerate(concurrent.futures.as_completed(proofs), 1):
            name, verdict, took = proof.result()
            failed += verdict is not None
            print(f"[{number}/{len(chosen)}] {'FAILED' if verdict else 'killed'} in {took:.0f} s: {name}", flush=True)
            if verdict:
                print(verdict, flush=True)
    if not chosen or failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
