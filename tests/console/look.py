"""Every kind of page, in the light and in the dark, wide and narrow."""

from tab import Tab
from walk import kind, rows, walk

VIEWS = [(1280, "light"), (390, "light"), (390, "dark"), (1280, "dark")]


def run(browser, plan, house, report):
    patterns = rows(plan["rows"])
    tab = Tab(browser, plan, report)
    tab.sign_in(house.account("viewing", "admin"))
    found = walk(tab, patterns, of_a_kind=3)
    reached = {kind(link.split("?")[0], patterns) for link in found.values()}
    for pattern in patterns:
        if pattern not in reached and pattern not in plan["unreached"]:
            report.problem(pattern, "no link leads there")
    cookies = tab.context.cookies()
    tab.close()
    for width, scheme in VIEWS:
        tab = Tab(browser, plan, report, width, scheme, cookies)
        for what, link in found.items():
            tab.open(link)
            view(tab, what)
        tab.close()
        tab = Tab(browser, plan, report, width, scheme)
        tab.open("/sign-in")
        view(tab, "sign-in")
        tab.status_expected = 404
        tab.open("/nothing-here")
        tab.close()
    narrowest(browser, plan, report, found, cookies)
    return {"kinds": len(found), "pictures": (len(found) + 1) * len(VIEWS)}


def view(tab, name):
    tab.look()
    tab.measure()
    tab.check_access()
    tab.shoot(name)


def narrowest(browser, plan, report, found, cookies):
    """WCAG 2.2, 1.4.10: 320 px, and nothing is to be scrolled sideways."""
    tab = Tab(browser, plan, report, 320, "light", cookies)
    for link in found.values():
        tab.open(link)
        tab.measure()
    tab.close()
