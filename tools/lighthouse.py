"""``lighthouse.py PAGE...``: Lighthouse's mobile preset on the built site, compressed; median of three."""

import gzip
import http.server
import json
import mimetypes
import statistics
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
SITE = ROOT / "_build" / "html"
LIGHTHOUSE = ROOT / "_build" / "lighthouse" / "node_modules" / ".bin" / "lighthouse"
FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
METRICS = (
    "first-contentful-paint",
    "largest-contentful-paint",
    "total-blocking-time",
    "cumulative-layout-shift",
)


@cache
def compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 6)


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves files as a static host does: compressed where that helps, kept for ten minutes."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = (SITE / self.path.partition("?")[0].lstrip("/")).resolve()
        if SITE not in path.parents or not path.is_file():
            self.send_error(404)
            return
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        text = kind.startswith("text/") or kind.endswith(("javascript", "json", "xml"))
        body = compressed(path) if text else path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if text else kind)
        if text:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Cache-Control", "max-age=600")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def audit(url: str) -> dict:
    run = subprocess.run(
        [LIGHTHOUSE, url, "--quiet", "--output=json", f"--chrome-flags={FLAGS}"],
        capture_output=True,
        text=True,
    )
    if run.returncode:
        sys.exit(f"Lighthouse failed on {url}: {run.stderr[-2000:]}")
    return json.loads(run.stdout)


def transferred(report: dict) -> int:
    """Bytes that crossed the wire; fonts inside a style sheet are listed a second time and left out."""
    items = report["audits"]["network-requests"]["details"]["items"]
    return sum(item.get("transferSize", 0) for item in items if not item["url"].startswith("data:"))


def main() -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(
        f"{'page':34} {' '.join(f'{name:>15}' for name in CATEGORIES)}    FCP ms  LCP ms  TBT ms     CLS   kB"
    )
    for page in sys.argv[1:]:
        reports = [audit(f"http://127.0.0.1:{server.server_port}/{page}") for _ in range(3)]
        scores = [
            statistics.median(r["categories"][name]["score"] * 100 for r in reports) for name in CATEGORIES
        ]
        times = [statistics.median(r["audits"][name]["numericValue"] for r in reports) for name in METRICS]
        size = statistics.median(transferred(r) for r in reports) / 1000
        print(
            f"{page:34} {' '.join(f'{score:15.0f}' for score in scores)}   "
            f"{times[0]:7.0f} {times[1]:7.0f} {times[2]:7.0f} {times[3]:7.4f} {size:4.0f}"
        )
        for name in CATEGORIES[1:]:
            for ref in reports[0]["categories"][name]["auditRefs"]:
                result = reports[0]["audits"][ref["id"]]
                if ref["weight"] and result["score"] is not None and result["score"] < 1:
                    print(f"    {name}: {result['title']}")


if __name__ == "__main__":
    main()
