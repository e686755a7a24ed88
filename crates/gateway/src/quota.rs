//! A bound on how many of something there may be at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Debug)]
pub(crate) struct Quota {
    used: AtomicUsize,
    max: usize,
}

/// Places in a quota; free again once this is dropped.
#[derive(Debug)]
pub(crate) struct Taken {
    quota: Arc<Quota>,
    count: usize,
}

/// One thing that counts in three quotas: a grant's, a principal's, and everybody's or a room's.
pub(crate) type Places = [Taken; 3];

/// How many processes of servers there may be.
#[derive(Clone, Debug)]
pub(crate) struct ProcessCaps {
    /// Of one principal.
    pub(crate) own: Arc<Quota>,
    pub(crate) all: Arc<Quota>,
}

impl ProcessCaps {
    /// For whoever answers for them alone.
    pub(crate) fn unbounded() -> Self {
        Self { own: Quota::new(usize::MAX), all: Quota::new(usize::MAX) }
    }

    /// A place for one process; that of many principals is nobody's own. Else which bound it is.
    pub(crate) fn take(&self, is_common: bool) -> Result<Vec<Taken>, &'static str> {
        let own = if is_common { None } else { Some(&self.own) };
        let own = own.map(|own| own.take(1).ok_or("processes_per_principal")).transpose()?;
        let all = self.all.take(1).ok_or("processes")?;
        Ok(own.into_iter().chain([all]).collect())
    }
}

impl Quota {
    pub(crate) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { used: AtomicUsize::new(0), max })
    }

    /// All of the places or none.
    pub(crate) fn take(self: &Arc<Self>, count: usize) -> Option<Taken> {
        let more = |used: usize| used.checked_add(count).filter(|used| *used <= self.max);
        self.used.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).ok()?;
        Some(Taken { quota: Arc::clone(self), count })
    }

    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::Acquire)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.quota.used.fetch_sub(self.count, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_gives_all_places_or_none() {
        let quota = Quota::new(3);
        let two = quota.take(2).unwrap();
        assert!(quota.take(2).is_none());
        let one = quota.take(1).unwrap();
        assert!(quota.take(1).is_none());
        drop(two);
        assert_eq!(quota.used(), 1);
        assert!(quota.take(usize::MAX).is_none());
        drop(one);
        assert!(quota.take(3).is_some());
    }
}
