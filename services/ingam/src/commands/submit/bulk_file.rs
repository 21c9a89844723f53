//! A bulk file, cut into requests. One request is in memory at a time, however long the file is.

use std::io::{BufRead, Read as _};

use bytes::Bytes;

/// One request's worth of the file.
#[derive(Debug, Clone)]
pub(super) struct Chunk {
    /// The header, if the file has one, and submissions; each with its line end.
    pub(super) body: Bytes,
    /// For each line of `body`, its line in the file, from 1.
    pub(super) lines: Vec<u64>,
    /// Whether the first line of `body` is the file's header.
    pub(super) has_header: bool,
    /// Bytes of the file up to the end of this chunk.
    pub(super) read: u64,
}

/// Bounds of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChunkLimits {
    pub(super) lines: usize,
    pub(super) bytes: usize,
}

/// Iterates over requests.
pub(super) struct Chunks<R> {
    input: R,
    limits: ChunkLimits,
    header: Option<Vec<u8>>,
    /// A submission that did not fit into the last chunk.
    held: Option<(u64, Vec<u8>)>,
    line: u64,
    read: u64,
}

impl<R: BufRead> Chunks<R> {
    /// # Errors
    /// The first line cannot be read.
    pub(super) fn new(input: R, limits: ChunkLimits) -> std::io::Result<Self> {
        let mut chunks = Self { input, limits, header: None, held: None, line: 0, read: 0 };
        match chunks.next_line()? {
            Some((_, first)) if is_header(&first) => chunks.header = Some(first),
            first => chunks.held = first,
        }
        Ok(chunks)
    }

    /// The next line that is not empty, with a line end.
    fn next_line(&mut self) -> std::io::Result<Option<(u64, Vec<u8>)>> {
        loop {
            let mut line = Vec::new();
            let limit = self.limits.bytes as u64;
            let length = (&mut self.input).take(limit).read_until(b'\n', &mut line)?;
            if length == 0 {
                return Ok(None);
            }
            self.line += 1;
            self.read += length as u64;
            if length as u64 == limit && !line.ends_with(b"\n") {
                let why = format!("line {} is longer than a request may be", self.line);
                return Err(std::io::Error::other(why));
            }
            if !line.trim_ascii().is_empty() {
                if !line.ends_with(b"\n") {
                    line.push(b'\n');
                }
                return Ok(Some((self.line, line)));
            }
        }
    }

    fn next_chunk(&mut self) -> std::io::Result<Option<Chunk>> {
        let mut body = self.header.clone().unwrap_or_default();
        let mut lines: Vec<u64> = self.header.iter().map(|_| 1).collect();
        let before = lines.len();
        while lines.len() - before < self.limits.lines {
            let next = match self.held.take() {
                Some(held) => Some(held),
                None => self.next_line()?,
            };
            let Some((number, line)) = next else { break };
            if body.len() + line.len() > self.limits.bytes {
                if lines.len() == before {
                    let why =
                        format!("line {number} and the header are longer than a request may be");
                    return Err(std::io::Error::other(why));
                }
                self.held = Some((number, line));
                break;
            }
            body.extend_from_slice(&line);
            lines.push(number);
        }
        if lines.len() == before {
            return Ok(None);
        }
        let has_header = self.header.is_some();
        Ok(Some(Chunk { body: body.into(), lines, has_header, read: self.read }))
    }
}

impl<R: BufRead> Iterator for Chunks<R> {
    type Item = std::io::Result<Chunk>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_chunk().transpose()
    }
}

fn is_header(line: &[u8]) -> bool {
    /// The one member of a header line.
    #[derive(serde::Deserialize)]
    struct Header {
        #[expect(dead_code, reason = "only its presence counts")]
        header: serde::de::IgnoredAny,
    }
    serde_json::from_slice::<Header>(line).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, lines: usize, bytes: usize) -> Vec<(String, Vec<u64>)> {
        Chunks::new(text.as_bytes(), ChunkLimits { lines, bytes })
            .unwrap()
            .map(|chunk| {
                let chunk = chunk.unwrap();
                (String::from_utf8(chunk.body.to_vec()).unwrap(), chunk.lines)
            })
            .collect()
    }

    #[test]
    fn each_request_repeats_the_header_and_knows_its_lines() {
        let text = "{\"header\":{}}\n{\"a\":1}\n\n{\"a\":2}\r\n{\"a\":3}";
        let chunks = cut(text, 2, 1000);
        assert_eq!(chunks[0].0, "{\"header\":{}}\n{\"a\":1}\n{\"a\":2}\r\n");
        assert_eq!(chunks[0].1, [1, 2, 4]);
        assert_eq!(chunks[1].0, "{\"header\":{}}\n{\"a\":3}\n");
        assert_eq!(chunks[1].1, [1, 5]);
        assert_eq!(chunks.len(), 2);
    }

    #[test]
    fn no_request_is_longer_than_allowed_and_none_is_empty() {
        let text = "{\"a\":1}\n".repeat(10);
        let chunks = cut(&text, 100, 20);
        assert_eq!(chunks.len(), 5);
        assert!(chunks.iter().all(|(body, lines)| body.len() <= 20 && lines.len() == 2));
        assert!(cut("", 10, 20).is_empty() && cut("\n\n{\"header\":{}}\n", 10, 20).is_empty());
    }

    #[test]
    fn an_endless_line_is_refused_before_it_fills_memory() {
        let endless = std::io::BufReader::new(std::io::repeat(b'x'));
        let Err(error) = Chunks::new(endless, ChunkLimits { lines: 10, bytes: 1000 }) else {
            panic!("accepted")
        };
        assert!(error.to_string().contains("line 1"));
    }
}
