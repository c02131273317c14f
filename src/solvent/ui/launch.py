"""How the pages are started: one command line and its environment, nothing from another host."""

from __future__ import annotations

import sys
from pathlib import Path

API_URL = "SOLVENT_API_URL"
DEFAULT_API_URL = "http://127.0.0.1:8000"
APP = Path(__file__).with_name("app.py")

INK, SOFT, GREY, LINE, FAINT = "#1b222a", "#4a535d", "#8a939d", "#dde1e6", "#f4f6f8"
ACCENT, ACCENT_FAINT, WARN, WARN_FAINT = "#1d4f7c", "#e8eff6", "#b4511c", "#fbeee6"
# Fonts the reader's machine has; none is fetched.
FONT = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, '
    "sans-serif"
)

_SERVER = {
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "server.runOnSave": "false",
    "server.enableXsrfProtection": "true",
    "server.enableCORS": "true",
    "server.enableStaticServing": "false",
    "server.showEmailPrompt": "false",
    "server.maxUploadSize": "500",  # megabytes; the API takes larger files
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
    "runner.magicEnabled": "false",
    "logger.hideWelcomeMessage": "true",
}
_THEME = {
    "base": "light",
    "primaryColor": ACCENT,
    "backgroundColor": "#ffffff",
    "secondaryBackgroundColor": FAINT,
    "textColor": INK,
    "linkColor": ACCENT,
    "borderColor": LINE,
    "dataframeBorderColor": LINE,
    "dataframeHeaderBackgroundColor": FAINT,
    "showWidgetBorder": "true",
    "showSidebarBorder": "true",
    "font": FONT,
    "headingFont": FONT,
    "headingFontSizes": '["28px", "20px", "17px", "16px", "15px", "15px"]',
    "headingFontWeights": "[600, 600, 600, 600, 600, 600]",
    "paddingTop": "12px",
    "baseFontSize": "15",
    "baseRadius": "4px",
    "buttonRadius": "4px",
    "metricValueFontSize": "22px",
    "metricValueFontWeight": "600",
    "codeFontSize": "14px",
    "codeTextColor": INK,
    "sidebar.backgroundColor": FAINT,
    "sidebar.secondaryBackgroundColor": "#ffffff",
    # One accent and one warning: what Streamlit paints in its own colours is repainted.
    "redColor": WARN,
    "redBackgroundColor": WARN_FAINT,
    "redTextColor": WARN,
    "orangeColor": WARN,
    "orangeBackgroundColor": WARN_FAINT,
    "orangeTextColor": WARN,
    "yellowColor": WARN,
    "yellowBackgroundColor": WARN_FAINT,
    "yellowTextColor": WARN,
    "blueColor": ACCENT,
    "blueBackgroundColor": ACCENT_FAINT,
    "blueTextColor": ACCENT,
    "greenColor": ACCENT,
    "greenBackgroundColor": ACCENT_FAINT,
    "greenTextColor": ACCENT,
    "grayColor": SOFT,
    "grayTextColor": SOFT,
    # Violet is not used as such: it is the lighter grey of what charts draw.
    "violetColor": GREY,
    "violetTextColor": GREY,
}


def command(
    *, port: int, address: str, cert: Path | None = None, key: Path | None = None
) -> list[str]:
    """Return the command line that starts the pages.

    Args:
        port: Port to listen on.
        address: Address to listen on; "127.0.0.1" for this machine only.
        cert: PEM file of a certificate to speak TLS with; None for plain HTTP.
        key: PEM file of its private key.

    >>> command(port=8501, address="127.0.0.1")[1:4]
    ['-m', 'streamlit', 'run']
    """
    options = {"server.address": address, "server.port": str(port), **_SERVER}
    options |= {f"theme.{name}": value for name, value in _THEME.items()}
    if cert is not None and key is not None:
        options |= {"server.sslCertFile": str(cert), "server.sslKeyFile": str(key)}
    flags = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "streamlit", "run", str(APP), *flags]


def environment(api_url: str = DEFAULT_API_URL) -> dict[str, str]:
    """Return what the process needs in its environment beside what it inherits.

    Args:
        api_url: Address of the API.

    >>> environment("http://127.0.0.1:8000/")["SOLVENT_API_URL"]
    'http://127.0.0.1:8000'
    """
    return {API_URL: api_url.rstrip("/"), "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false"}
