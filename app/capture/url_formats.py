"""What may come from a URL: pictures, and no lists of other addresses, to which ffmpeg would go by itself.

A playlist (HLS, DASH) or a session description names hosts that its server chose and the user never saw. So one is read
only where the URL says that it is one; ffmpeg is given the names of the formats that it may take.
"""

from __future__ import annotations

from urllib.parse import urlsplit

#: The variable in which OpenCV looks for ffmpeg's options, each time it opens a URL.
OPTIONS = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
#: ffmpeg's names of what cameras send and files hold.
FORMATS = (
    "mpjpeg,mjpeg,mjpeg_2000,jpeg_pipe,png_pipe,webp_pipe,image2pipe,rtsp,rtp,mov,mp4,matroska,webm,mpegts,mpeg,m4v,"
    "mpegvideo,avi,asf,flv,live_flv,h264,hevc,av1,obu,ivf,ogg,gif,nut,mxf,rm,wtv,yuv4mpegpipe"
)
#: What names other addresses, by the ending of the URL that asks for it.
LISTS = {".m3u8": "hls", ".m3u": "hls", ".mpd": "dash", ".sdp": "sdp"}
# OpenCV's own choice where nothing is said: pictures of RTSP by TCP, of which none is lost.
_TCP = "rtsp_transport;tcp"


def options_for(url: str, said: str | None) -> str:
    """Options of ffmpeg for ``url``, as OpenCV takes them; what the user ``said`` stays, and comes first."""
    path = urlsplit(url).path.lower()
    lists = [name for ending, name in LISTS.items() if path.endswith(ending)]
    options = dict(part.partition(";")[::2] for part in (said or _TCP).split("|"))
    options["format_whitelist"] = ",".join([FORMATS, *lists])
    return "|".join(f"{name};{value}" for name, value in options.items())
