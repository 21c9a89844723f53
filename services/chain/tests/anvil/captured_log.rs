//! Everything that one thread logs.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing::Level;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no writer panics").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Written {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Of the thread that it is started on, which for a test's own runtime is all of it.
pub(crate) struct CapturedLog {
    written: Written,
    guard: DefaultGuard,
}

impl CapturedLog {
    /// At every level, of every crate.
    pub(crate) fn start() -> Self {
        let written = Written::default();
        let logging = tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_ansi(false)
            .with_writer(written.clone())
            .finish();
        Self { written, guard: tracing::subscriber::set_default(logging) }
    }

    /// What was logged so far.
    pub(crate) fn text(&self) -> String {
        let written = self.written.0.lock().expect("no writer panics").clone();
        String::from_utf8(written).expect("logs are text")
    }

    /// What was logged; no more is kept.
    pub(crate) fn end(self) -> String {
        let text = self.text();
        drop(self.guard);
        text
    }
}
