"""The shapes of what the API says, for its description; a test holds them to what is said."""

from library.shapes.films import (
    ChangedVideoShape,
    CopyCountsShape,
    CopyShape,
    DataSetShape,
    ErasedShape,
    EvidenceShape,
    HolderShape,
    PieceShape,
    StageShape,
    TransactionShape,
    VideoDetailShape,
    VideoPageShape,
    VideoShape,
)
from library.shapes.money import (
    AccessShape,
    CertificateShape,
    FundsShape,
    QuotedFilmShape,
    QuoteShape,
)
from library.shapes.people import (
    DeviceListShape,
    DeviceShape,
    EventPageShape,
    EventShape,
    MeShape,
    NewDeviceShape,
)
from library.shapes.problems import (
    FieldErrorShape,
    ProblemShape,
)
from library.shapes.uploads import (
    DuplicateShape,
    ForesightShape,
    LogShape,
    QueueShape,
    UploadListShape,
    UploadShape,
)

__all__ = [
    "AccessShape",
    "CertificateShape",
    "ChangedVideoShape",
    "CopyCountsShape",
    "CopyShape",
    "DataSetShape",
    "DeviceListShape",
    "DeviceShape",
    "DuplicateShape",
    "ErasedShape",
    "EventPageShape",
    "EventShape",
    "EvidenceShape",
    "FieldErrorShape",
    "ForesightShape",
    "FundsShape",
    "HolderShape",
    "LogShape",
    "MeShape",
    "NewDeviceShape",
    "PieceShape",
    "ProblemShape",
    "QueueShape",
    "QuoteShape",
    "QuotedFilmShape",
    "StageShape",
    "TransactionShape",
    "UploadListShape",
    "UploadShape",
    "VideoDetailShape",
    "VideoPageShape",
    "VideoShape",
]
