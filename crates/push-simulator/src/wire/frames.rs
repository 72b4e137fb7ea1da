//! The few HTTP/2 frames that the simulator writes itself, and finding frames in a stream of bytes.
//!
//! Owns the frame header (RFC 9113 section 4.1). Read next: `frame_gate`, and why it is needed.

/// Length of a frame header.
const HEADER: usize = 9;
const SETTINGS: u8 = 0x4;
const GOAWAY: u8 = 0x7;
const ACK: u8 = 0x1;
const MAX_CONCURRENT_STREAMS: u16 = 0x3;

/// A SETTINGS frame that says how many streams may be open (RFC 9113 section 6.5).
pub(crate) fn max_concurrent_streams(limit: u32) -> Vec<u8> {
    let mut payload = MAX_CONCURRENT_STREAMS.to_be_bytes().to_vec();
    payload.extend(limit.to_be_bytes());
    frame(SETTINGS, &payload)
}

/// A GOAWAY frame without error (RFC 9113 section 6.8). Apple's debug data is a JSON object with a `reason`.
pub(crate) fn goaway(last_stream_id: u32, reason: Option<&str>) -> Vec<u8> {
    const NO_ERROR: u32 = 0;
    let mut payload = last_stream_id.to_be_bytes().to_vec();
    payload.extend(NO_ERROR.to_be_bytes());
    if let Some(reason) = reason {
        payload.extend(serde_json::json!({ "reason": reason }).to_string().bytes());
    }
    frame(GOAWAY, &payload)
}

fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("the simulator's own frames are short");
    let mut frame = length.to_be_bytes()[1..].to_vec();
    // No flags, stream 0: both frames speak of the connection.
    frame.extend([kind, 0, 0, 0, 0, 0]);
    frame.extend_from_slice(payload);
    frame
}

/// What a stretch of bytes turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A whole frame header.
    Header(FrameHeader),
    /// Bytes of a frame's payload, or of the client's preface: how many.
    Payload(usize),
    /// The beginning of a header; the rest is still to come. Nothing of the stretch is left.
    Partial,
}

/// A frame header, raw, with what the gate has to know of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    pub(crate) raw: [u8; HEADER],
}

impl FrameHeader {
    /// Settings that the sender announces, not acknowledges.
    pub(crate) fn is_settings(&self) -> bool {
        self.raw[3] == SETTINGS && self.raw[4] & ACK == 0
    }

    /// The acknowledgement of settings.
    pub(crate) fn is_settings_ack(&self) -> bool {
        self.raw[3] == SETTINGS && self.raw[4] & ACK != 0
    }

    fn length(&self) -> usize {
        usize::from(self.raw[0]) << 16 | usize::from(self.raw[1]) << 8 | usize::from(self.raw[2])
    }
}

/// Follows one direction of a connection from frame to frame.
#[derive(Debug, Default)]
pub(crate) struct FrameCursor {
    header: [u8; HEADER],
    filled: usize,
    payload_left: usize,
}

impl FrameCursor {
    /// Begins with bytes that belong to no frame: the client's connection preface (RFC 9113 section 3.4).
    pub(crate) fn behind_preface() -> Self {
        Self { payload_left: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".len(), ..Self::default() }
    }

    /// Whether the last frame is complete and the next has not begun.
    pub(crate) fn at_boundary(&self) -> bool {
        self.filled == 0 && self.payload_left == 0
    }

    /// Takes the next piece off the front of `bytes`, which must not be empty.
    pub(crate) fn advance(&mut self, bytes: &mut &[u8]) -> Piece {
        if self.payload_left > 0 {
            let taken = self.payload_left.min(bytes.len());
            self.payload_left -= taken;
            *bytes = &bytes[taken..];
            return Piece::Payload(taken);
        }
        let taken = (HEADER - self.filled).min(bytes.len());
        self.header[self.filled..self.filled + taken].copy_from_slice(&bytes[..taken]);
        *bytes = &bytes[taken..];
        self.filled += taken;
        if self.filled < HEADER {
            return Piece::Partial;
        }
        self.filled = 0;
        let header = FrameHeader { raw: self.header };
        self.payload_left = header.length();
        Piece::Header(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_have_the_bytes_of_rfc_9113() {
        let expected = [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 3, 0xE8];
        assert_eq!(max_concurrent_streams(1000), expected);
    }

    #[test]
    fn a_goodbye_has_the_bytes_of_rfc_9113() {
        let expected = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0];
        assert_eq!(goaway(5, None), expected);
        assert!(goaway(5, Some("Shutdown")).ends_with(br#"{"reason":"Shutdown"}"#));
    }

    #[test]
    fn frames_are_found_whatever_the_pieces_they_come_in() {
        let mut bytes = max_concurrent_streams(1);
        bytes.extend(goaway(1, Some("x")));
        for size in 1..bytes.len() {
            let mut cursor = FrameCursor::default();
            let mut headers = 0;
            for mut piece in bytes.chunks(size) {
                while !piece.is_empty() {
                    headers += usize::from(matches!(cursor.advance(&mut piece), Piece::Header(_)));
                }
            }
            assert_eq!((headers, cursor.at_boundary()), (2, true), "{size}");
        }
    }
}
