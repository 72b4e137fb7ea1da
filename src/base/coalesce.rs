//! Many callers that ask for one row each, answered by one query.
//!
//! Whoever comes while a query runs waits, and the next query answers all who waited: an idle relay
//! answers at once, a busy one makes larger batches. No task of its own and no timer is needed: one
//! of the waiting callers runs the query for all.

use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;

type Waiting<K, V> = Vec<(K, oneshot::Sender<V>)>;

/// A read that is done in batches. `K` asks for one answer `V`.
#[derive(Debug)]
pub struct Coalesced<K, V> {
    waiting: Mutex<Waiting<K, V>>,
    turn: tokio::sync::Mutex<()>,
    most: usize,
}

impl<K: Clone, V> Coalesced<K, V> {
    /// Answers at most `most` questions by one query.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { waiting: Mutex::new(Vec::new()), turn: tokio::sync::Mutex::new(()), most }
    }

    /// The answer for `key`; `query` is run for the questions of several callers at once, and answers
    /// each in the order of its argument.
    ///
    /// # Errors
    /// What `query` failed with, where this caller ran it. Another caller whose query failed leaves the
    /// question open, and this one asks again.
    pub async fn get<E, F>(&self, key: K, query: impl Fn(Vec<K>) -> F) -> Result<V, E>
    where
        F: Future<Output = Result<Vec<V>, E>>,
    {
        loop {
            let (answer, mut answered) = oneshot::channel();
            self.lock().push((key.clone(), answer));
            let turn = tokio::select! {
                biased;
                answer = &mut answered => match answer {
                    Ok(value) => return Ok(value),
                    Err(_) => continue,
                },
                turn = self.turn.lock() => turn,
            };
            // Whoever is about to ask gets a chance to: under load that makes one query of many, and an idle
            // relay loses nothing.
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
            // The turn is kept until this question is answered: those before it may be of callers who left.
            loop {
                match answered.try_recv() {
                    Ok(value) => return Ok(value),
                    Err(oneshot::error::TryRecvError::Closed) => break,
                    Err(oneshot::error::TryRecvError::Empty) => self.answer_the_waiting(&query).await?,
                }
            }
            drop(turn);
        }
    }

    async fn answer_the_waiting<E, F>(&self, query: &impl Fn(Vec<K>) -> F) -> Result<(), E>
    where
        F: Future<Output = Result<Vec<V>, E>>,
    {
        let batch: Waiting<K, V> = {
            let mut waiting = self.lock();
            let count = waiting.len().min(self.most);
            waiting.drain(..count).collect()
        };
        let (keys, answers): (Vec<K>, Vec<_>) = batch.into_iter().unzip();
        for (value, answer) in query(keys).await?.into_iter().zip(answers) {
            // Who stopped waiting needs no answer.
            let _ = answer.send(value);
        }
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting<K, V>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn callers_who_come_while_a_query_runs_share_the_next_one() {
        let reads = Coalesced::new(1000);
        let queries = AtomicUsize::new(0);
        let double = async |keys: Vec<u32>| {
            queries.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok::<_, Infallible>(keys.iter().map(|key| key * 2).collect())
        };

        let answers = join_all((0..100).map(|key| reads.get(key, &double))).await;

        let expected: Vec<_> = (0..100).map(|key| Ok(key * 2)).collect();
        assert_eq!(answers, expected);
        assert!(queries.load(Ordering::SeqCst) <= 3, "{queries:?} queries");
    }

    #[tokio::test]
    async fn a_caller_behind_many_who_left_is_answered() {
        let reads = Coalesced::new(2);
        let query = async |keys: Vec<u32>| Ok::<_, Infallible>(keys);
        for key in 0..9 {
            let left = oneshot::channel().0;
            reads.lock().push((key, left));
        }

        assert_eq!(reads.get(9, &query).await, Ok(9));
    }

    #[tokio::test]
    async fn a_failed_query_fails_its_caller_only() {
        let reads = Coalesced::new(1000);
        let first = AtomicUsize::new(0);
        let once_broken = async |keys: Vec<u32>| {
            tokio::task::yield_now().await;
            if first.fetch_add(1, Ordering::SeqCst) == 0 { Err("broken") } else { Ok(keys) }
        };

        let answers = join_all((0..10).map(|key| reads.get(key, &once_broken))).await;

        assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 1);
        assert!(
            answers
                .iter()
                .enumerate()
                .all(|(i, answer)| answer.is_err() || *answer == Ok(u32::try_from(i).unwrap_or(u32::MAX)))
        );
    }
}
