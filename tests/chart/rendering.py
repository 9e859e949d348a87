"""The chart as text and as objects, by the renderer beside this file."""

import os
import pathlib
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "charts" / "autoscaler"
SOURCES = pathlib.Path(__file__).resolve().parent / "render"
GOCODE = "/usr/share/gocode"  # where Debian's -dev packages put Go sources


class Renderer:
    """Built once into the build folder, offline."""

    def __init__(self, build):
        self.program = pathlib.Path(build).resolve() / "tests" / "chart" / "render"
        self.program.parent.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {
            "GO111MODULE": "off", "GOPATH": GOCODE, "GOFLAGS": "", "GOPROXY": "off", "CGO_ENABLED": "0",
            "GOCACHE": str(self.program.parent / "go-cache")}
        subprocess.run(["go", "build", "-o", self.program, "."], cwd=SOURCES, env=environment, check=True)

    def run(self, values, *flags, chart=CHART):
        return subprocess.run([self.program, *flags, chart, "-"], input=yaml.safe_dump(values),
                              capture_output=True, text=True, check=False)

    def text(self, values, *flags, chart=CHART):
        ran = self.run(values, *flags, chart=chart)
        if ran.returncode != 0:
            raise AssertionError(f"{values}: {ran.stderr}")
        return ran.stdout

    def objects(self, values, *flags):
        return [each for each in yaml.load_all(self.text(values, *flags), StrictLoader) if each]


class StrictLoader(yaml.SafeLoader):
    """Refuses a key that is given twice, as the API server does."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise AssertionError(f"{node.start_mark}: given twice: {twice}")
        return super().construct_mapping(node, deep)
