//! Who may go a way to a push service now.

/// Who may go a way now; the wider, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Passing {
    /// Nobody: the way is closed.
    Nobody,
    /// One delivery, to try whether what closed the way has passed.
    One,
    /// Some: all places that it may have are taken now.
    Few,
    /// Every delivery.
    Free,
}
