"""How ffmpeg is let near a file that may come from anywhere (docs/decisions/hostile-input.md)."""

from __future__ import annotations

from model.picture_size import MOST_STILL_PIXELS

__all__ = ["MOST_STILL_PIXELS", "MOST_VIDEO_PIXELS", "OPTIONS"]

#: ffmpeg's readers that are used: what cameras, phones, calls, editors and browsers write. It has 300 more:
#: playlists, which open other files, devices, and formats of old games that nobody has looked at for years.
_READERS = (
    "mov matroska avi mpegts mpegtsraw mpeg mpegvideo flv live_flv asf asf_o ogg rm mxf gxf nut dv wtv swf nsv 3gp "
    "ivf h264 hevc vvc av1 obu m4v h263 h261 mjpeg mjpeg_2000 mpjpeg vc1 dnxhd dirac yuv4mpegpipe "
    "gif gif_pipe apng image2 image2pipe bmp_pipe png_pipe jpeg_pipe jpegls_pipe jpegxl_pipe jpegxl_anim j2k_pipe "
    "webp_pipe tiff_pipe pam_pipe pbm_pipe pgm_pipe pgmyuv_pipe ppm_pipe pcx_pipe psd_pipe qoi_pipe hdr_pipe exr_pipe "
    "dpx_pipe sgi_pipe sunrast_pipe xbm_pipe xpm_pipe xwd_pipe dds_pipe "
    "wav w64 mp3 aac ac3 eac3 dts flac aiff au caf amr ape tta wv "  # for saying that it is sound
    "tty"  # for saying that it is a text
)
#: With which a file is opened that may come from anywhere.
OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": ",".join(_READERS.split()),
    "pattern_type": "none",  # a picture called face%03d.png is that file, not the series face001.png, face002.png …
}
#: Pixels of a frame: 8K has 33 million. A kilobyte can claim 250 million, which take 3 GB.
MOST_VIDEO_PIXELS = 40_000_000
