//! A hash table whose keys are descriptors.
//!
//! The numbers of descriptors are small and close together as a rule. The index of an entry is its descriptor modulo the
//! size of the table, or the next free one: a look-up computes no hash, and neighbours share a cache line. Memory beyond
//! the last entry is reserved and not touched.

use crate::memory;
use crate::sys::{Descriptor, Errno, NO_DESCRIPTOR};

/// A table whose size is a power of two. At least a quarter of it has no entry.
pub(super) struct Table<T> {
    /// Those with `NO_DESCRIPTOR` are free, as are those between its length and the size of the table.
    entries: Vec<(Descriptor, T)>,
    /// The size of the table; 0 before the first entry.
    size: usize,
    count: usize,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table { entries: Vec::new(), size: 0, count: 0 }
    }
}

impl<T: Copy + Default> Table<T> {
    const LEAST: usize = 16;

    #[inline(always)]
    fn after(&self, index: usize, steps: usize) -> usize {
        index.wrapping_add(steps) & self.size.wrapping_sub(1)
    }

    /// The index of a descriptor's entry, or else of the free one where it belongs.
    #[inline(always)]
    fn find(&self, fd: Descriptor) -> Result<usize, usize> {
        let mut index = self.after(fd as usize, 0);
        loop {
            match self.entries.get(index) {
                Some((NO_DESCRIPTOR, _)) | None => return Err(index),
                Some((found, _)) if *found == fd => return Ok(index),
                Some(_) => index = self.after(index, 1),
            }
        }
    }

    #[inline(always)]
    pub(super) fn get(&self, fd: Descriptor) -> Option<&T> {
        let index = self.find(fd).ok()?;
        self.entries.get(index).map(|(_, value)| value)
    }

    #[inline(always)]
    pub(super) fn get_mut(&mut self, fd: Descriptor) -> Option<&mut T> {
        let index = self.find(fd).ok()?;
        self.entries.get_mut(index).map(|(_, value)| value)
    }

    /// The value of a descriptor, which is `new` if it had none. Fails with ENOMEM.
    #[inline(always)]
    pub(super) fn entry(&mut self, fd: Descriptor, new: impl FnOnce() -> T) -> Result<&mut T, Errno> {
        let index = match self.find(fd) {
            Ok(index) => index,
            Err(_) => self.insert(fd, new())?,
        };
        Ok(&mut self.entries[index].1)
    }

    #[cold]
    fn insert(&mut self, fd: Descriptor, value: T) -> Result<usize, Errno> {
        if self.count >= self.size / 4 * 3 {
            let mut larger = Table { size: (2 * self.size).max(Self::LEAST), ..Table::default() };
            memory::reserve_exact(&mut larger.entries, larger.size)?;
            for (fd, value) in self.iter() {
                larger.put(fd, *value);
            }
            *self = larger;
        }
        Ok(self.put(fd, value))
    }

    /// Adds a descriptor that has no entry; there is a free one.
    fn put(&mut self, fd: Descriptor, value: T) -> usize {
        let (Ok(index) | Err(index)) = self.find(fd);
        if index >= self.entries.len() {
            self.entries.resize(index + 1, (NO_DESCRIPTOR, T::default()));
        }
        self.entries[index] = (fd, value);
        self.count += 1;
        index
    }

    /// Removes the entry of a descriptor. Those behind it move up if they would not be found any more.
    pub(super) fn remove(&mut self, fd: Descriptor) -> Option<T> {
        let mut free = self.find(fd).ok()?;
        let removed = self.entries[free].1;
        let mut index = self.after(free, 1);
        while let Some(&(fd, value)) = self.entries.get(index).filter(|(fd, _)| *fd != NO_DESCRIPTOR) {
            // How far it is from where it belongs.
            if self.after(index, (fd as usize).wrapping_neg()) >= self.after(index, free.wrapping_neg()) {
                self.entries[free] = (fd, value);
                free = index;
            }
            index = self.after(index, 1);
        }
        self.entries[free].0 = NO_DESCRIPTOR;
        self.count -= 1;
        Some(removed)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Descriptor, &T)> {
        self.entries.iter().filter(|(fd, _)| *fd != NO_DESCRIPTOR).map(|(fd, value)| (*fd, value))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{Descriptor, NO_DESCRIPTOR, Table};

    /// Numbers that look random.
    fn numbers() -> impl FnMut(u64) -> u64 {
        let mut state = 1u64;
        move |limit| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % limit
        }
    }

    /// Does the same with a table and with a map, and compares them.
    fn compare(descriptor: impl Fn(u64) -> Descriptor) {
        let (mut table, mut map, mut next) = (Table::default(), HashMap::new(), numbers());
        for step in 0..if cfg!(miri) { 500 } else { 20_000 } {
            let fd = descriptor(next(60));
            if next(5) < 3 {
                *table.entry(fd, || 0).unwrap() += step;
                *map.entry(fd).or_insert(0) += step;
            } else {
                assert_eq!(table.remove(fd), map.remove(&fd));
            }
            assert_eq!(table.get(fd), map.get(&fd));
            assert_eq!(table.get_mut(fd), map.get_mut(&fd));
            assert_eq!(table.count, map.len());
        }
        let found = table.iter().map(|(fd, value)| (fd, *value)).collect::<HashMap<_, _>>();
        assert_eq!(found, map);
        assert!(map.keys().all(|fd| table.get(*fd) == map.get(fd)));
    }

    #[test]
    fn an_entry_is_found_whatever_the_numbers_are() {
        compare(|number| number as Descriptor);
        compare(|number| (4 * number) as Descriptor);
        // All belong to the same place.
        compare(|number| (1024 * number + 15) as Descriptor);
        compare(|number| (number % 7 * 128 + number / 7) as Descriptor);
    }

    #[test]
    fn no_descriptor_has_no_entry() {
        let mut table = Table::default();
        assert_eq!(table.get(NO_DESCRIPTOR), None);
        for fd in 0..40 {
            table.entry(fd, || fd).unwrap();
            assert_eq!((table.get(NO_DESCRIPTOR), table.get(fd + 1)), (None, None));
        }
        assert_eq!(table.remove(NO_DESCRIPTOR), None);
    }

    #[test]
    fn memory_is_used_up_to_the_last_descriptor() {
        let mut table = Table::default();
        (0..1000).for_each(|fd| *table.entry(fd, || 0).unwrap() = fd);
        assert_eq!((table.entries.len(), table.size), (1000, 2048));
    }
}
