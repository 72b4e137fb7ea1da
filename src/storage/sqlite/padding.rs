//! Statements that write many rows come in a few sizes, so that each of them stays prepared: to prepare one costs more
//! than to run it. Rows that are too many are NULL, and the statement leaves them out.

/// So many rows go into one statement at most.
pub(super) const CHUNK: usize = 128;

const SIZES: [usize; 5] = [1, 4, 16, 64, CHUNK];

/// `rows`, of which there are [`CHUNK`] at most, and `None` up to the next size.
pub(super) fn padded<T>(rows: impl IntoIterator<Item = T>) -> impl Iterator<Item = Option<T>> {
    let rows: Vec<T> = rows.into_iter().collect();
    let size = SIZES.into_iter().find(|size| *size >= rows.len()).unwrap_or(rows.len());
    let missing = size - rows.len();
    rows.into_iter().map(Some).chain(std::iter::repeat_with(|| None).take(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_padded_to_the_next_size() {
        for (rows, size) in [(1, 1), (2, 4), (4, 4), (5, 16), (64, 64), (65, 128), (128, 128)] {
            let padded: Vec<_> = padded(0..rows).collect();
            assert_eq!(padded.len(), size);
            assert!(padded[..rows].iter().all(Option::is_some) && padded[rows..].iter().all(Option::is_none));
        }
    }
}
