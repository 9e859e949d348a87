"""A real Prometheus that holds what a test gives it."""

import contextlib
import pathlib
import subprocess
import tempfile
import time
import urllib.request

from rig import ports


@contextlib.contextmanager
def prometheus_with(samples):
    """A real Prometheus on loopback that holds these samples, in OpenMetrics; its URL."""
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        folder = pathlib.Path(directory)
        (folder / "samples").write_text(samples)
        (folder / "prometheus.yml").write_text("global: {}\n")
        subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", "samples", "tsdb"],
                       cwd=folder, check=True, capture_output=True)
        address = f"127.0.0.1:{ports.take()}"
        server = stack.enter_context(subprocess.Popen(
            ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=tsdb",
             f"--web.listen-address={address}"], cwd=folder, stderr=subprocess.DEVNULL))
        stack.callback(server.kill)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://{address}/-/ready").close()
                break
            time.sleep(0.1)
        yield f"http://{address}"
