"""The console in a real browser: suite.py PLAN, which is a file of JSON.

One line of JSON for each problem; a last one that counts what was done.
"""

import json
import sys
import traceback
from pathlib import Path

from playwright.sync_api import sync_playwright

import hostile
import look
import story
from house import House
from tab import Report


def main():
    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    plan["axe_text"] = Path(plan["axe"]).read_text(encoding="utf-8")
    Path(plan["shots"]).mkdir(parents=True, exist_ok=True)
    report, done, house = Report(), {}, House(plan)
    with sync_playwright() as playwright:
        options = {"executable_path": plan["browser"]} if plan["browser"] else {}
        browser = playwright.chromium.launch(args=["--no-sandbox"], **options)
        for stage in (story, look, hostile):
            try:
                done.update(stage.run(browser, plan, house, report))
            except Exception as error:
                traceback.print_exc()
                report.problem(stage.__name__, f"stopped: {type(error).__name__}: {str(error)[:1500]}")
        browser.close()
    print(json.dumps({"done": done, "problems": len(report.seen)}))


if __name__ == "__main__":
    main()
