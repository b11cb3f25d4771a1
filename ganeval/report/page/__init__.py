"""One page that tells the story of some scores: `write_report`."""

from ganeval.report.page.beside import Beside, read_beside
from ganeval.report.page.maps import check_map
from ganeval.report.page.methods import paragraph
from ganeval.report.page.page import write_report
from ganeval.report.page.pictures import Images, Pictured
from ganeval.report.page.scores import Scores
from ganeval.report.page.table import FORMATS, report_text

__all__ = [
    "FORMATS",
    "Beside",
    "Images",
    "Pictured",
    "Scores",
    "check_map",
    "paragraph",
    "read_beside",
    "report_text",
    "write_report",
]
