// SPDX-License-Identifier: GPL-2.0

//! Tests on the host, where malloc() is the memory. What is allocated and not freed, freed twice or
//! dropped twice, is counted.

use std::{
    cell::Cell,
    fmt::Write as _,
    rc::Rc,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use crate::{
    alloc::{AllocError, IntoIter},
    new_mutex,
    prelude::*,
    str::{CStr, CString},
    sync::{Arc, Mutex, SetOnce, UniqueArc},
};

mod host;

use host::{fail_after, live, Memory};

/// A value that counts how often it is dropped, and must be dropped once.
struct Drops(Rc<Cell<usize>>, usize);

impl Drop for Drops {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

impl Clone for Drops {
    fn clone(&self) -> Self {
        Drops(self.0.clone(), self.1)
    }
}

fn counter() -> Rc<Cell<usize>> {
    Rc::new(Cell::new(0))
}

fn numbers(n: usize) -> KVec<usize> {
    let mut list = KVec::new();
    for i in 0..n {
        list.push(i, GFP_KERNEL).unwrap();
    }
    list
}

#[test]
fn box_keeps_its_value_and_frees_it_once() {
    let _memory = Memory::watch();
    let dropped = counter();
    let mut b = KBox::new(Drops(dropped.clone(), 7), GFP_KERNEL).unwrap();
    assert_eq!(live(), 1);
    b.1 += 1;
    assert_eq!(b.1, 8);
    drop(b);
    assert_eq!(dropped.get(), 1);
}

#[test]
fn box_goes_through_a_pointer_and_back() {
    let _memory = Memory::watch();
    let dropped = counter();
    let raw = KBox::into_raw(KBox::new(Drops(dropped.clone(), 1), GFP_KERNEL).unwrap());
    assert_eq!((dropped.get(), live()), (0, 1));
    // SAFETY: It is from `into_raw`, and one box is made of it.
    drop(unsafe { KBox::from_raw(raw) });
    assert_eq!(dropped.get(), 1);

    let leaked = KBox::leak(KBox::new(5_u8, GFP_KERNEL).unwrap());
    *leaked += 1;
    assert_eq!(*leaked, 6);
    // SAFETY: It is from `leak`, and one box is made of it.
    drop(unsafe { KBox::from_raw(leaked) });
}

#[test]
fn box_gives_its_value_away() {
    let _memory = Memory::watch();
    let dropped = counter();
    let value = KBox::into_inner(KBox::new(Drops(dropped.clone(), 3), GFP_KERNEL).unwrap());
    assert_eq!((dropped.get(), live(), value.1), (0, 0, 3));
    drop(value);
    assert_eq!(dropped.get(), 1);
}

#[test]
fn box_of_no_size_needs_no_memory() {
    let _memory = Memory::watch();
    fail_after(0);
    let b = KBox::new((), GFP_KERNEL).unwrap();
    assert_eq!((live(), *b), (0, ()));
}

#[test]
fn box_is_filled_where_it_is() {
    let _memory = Memory::watch();
    let room = KBox::<[u64; 4]>::new_uninit(GFP_KERNEL | __GFP_ZERO).unwrap();
    // SAFETY: All zeroes are an array of numbers.
    assert_eq!(*unsafe { room.assume_init() }, [0; 4]);
    let room = KBox::<String>::new_uninit(GFP_KERNEL).unwrap();
    assert_eq!(*KBox::write(room, "text".into()), "text");
}

#[test]
fn box_of_another_kind_drops_what_is_in_it() {
    let _memory = Memory::watch();
    let dropped = counter();
    let b = KBox::new(
        [Drops(dropped.clone(), 0), Drops(dropped.clone(), 1)],
        GFP_KERNEL,
    )
    .unwrap();
    // SAFETY: The pointer is from `into_raw`; a slice of the array is at the same place.
    let b: KBox<[Drops]> = unsafe { KBox::from_raw(KBox::into_raw(b) as *mut [Drops]) };
    assert_eq!(b.len(), 2);
    drop(b);
    assert_eq!(dropped.get(), 2);
}

#[test]
fn without_memory_the_value_is_dropped() {
    let _memory = Memory::watch();
    let dropped = counter();
    fail_after(0);
    assert!(KBox::new(Drops(dropped.clone(), 0), GFP_KERNEL).is_err());
    fail_after(0);
    assert!(Arc::new(Drops(dropped.clone(), 0), GFP_KERNEL).is_err());
    let mut list = KVec::new();
    fail_after(0);
    assert!(list.push(Drops(dropped.clone(), 0), GFP_KERNEL).is_err());
    assert_eq!((dropped.get(), list.len()), (3, 0));
}

#[test]
fn alignment_is_the_type_s() {
    #[repr(align(64))]
    struct Line(u8);

    let _memory = Memory::watch();
    let b = KBox::new(Line(1), GFP_KERNEL).unwrap();
    assert_eq!((&raw const *b).addr() % 64, 0);
    let mut list = KVec::new();
    for i in 0..20 {
        list.push(Line(i), GFP_KERNEL).unwrap();
        assert_eq!(list.as_slice().as_ptr().addr() % 64, 0);
    }
    assert!(list.iter().map(|line| line.0).eq(0..20));
}

#[test]
fn list_grows_and_keeps_its_order() {
    let _memory = Memory::watch();
    for n in [0, 1, 4, 5, 100, 1000] {
        let list = numbers(n);
        assert!(list.iter().copied().eq(0..n));
        assert!(list.capacity() >= n);
        assert_eq!(live(), usize::from(n > 0));
    }
}

#[test]
fn list_takes_out_of_its_middle_and_its_end() {
    let _memory = Memory::watch();
    let mut list = numbers(5);
    assert_eq!(list.remove(1), Ok(1));
    assert_eq!(list.as_slice(), [0, 2, 3, 4]);
    assert_eq!(list.remove(3), Ok(4));
    assert_eq!(list.remove(3), Err(AllocError));
    assert_eq!(list.remove(usize::MAX), Err(AllocError));
    assert_eq!(list.remove(0), Ok(0));
    assert_eq!(
        (list.pop(), list.pop(), list.pop()),
        (Some(3), Some(2), None)
    );
    assert_eq!(list.remove(0), Err(AllocError));
}

#[test]
fn list_drops_each_value_once() {
    let _memory = Memory::watch();
    let dropped = counter();
    let fill = || {
        let mut list = KVec::with_capacity(8, GFP_KERNEL).unwrap();
        for i in 0..8 {
            list.push(Drops(dropped.clone(), i), GFP_KERNEL).unwrap();
        }
        dropped.set(0);
        list
    };
    let mut list = fill();
    list.truncate(5);
    assert_eq!(dropped.get(), 3);
    list.truncate(7);
    assert_eq!(list.len(), 5);
    list.retain(|value| value.1 % 2 == 0);
    assert_eq!(dropped.get(), 5);
    assert!(list.iter().map(|value| value.1).eq([0, 2, 4]));
    drop(list.remove(1).unwrap());
    assert_eq!(dropped.get(), 6);
    list.clear();
    assert_eq!(dropped.get(), 8);
    drop(list);
    assert_eq!(dropped.get(), 8);
    drop(fill());
    assert_eq!(dropped.get(), 8);
}

#[test]
fn list_is_taken_apart_to_any_point() {
    for taken in 0..=4 {
        let _memory = Memory::watch();
        let dropped = counter();
        let list = KVec::from_elem(Drops(dropped.clone(), 0), 4, GFP_KERNEL).unwrap();
        // The pattern of the copies.
        assert_eq!(dropped.get(), 1);
        let mut iter: IntoIter<Drops> = list.into_iter();
        assert_eq!(iter.size_hint(), (4, Some(4)));
        let out: Vec<_> = iter.by_ref().take(taken).collect();
        assert_eq!((out.len(), dropped.get()), (taken, 1));
        drop(iter);
        assert_eq!(dropped.get(), 1 + 4 - taken);
        drop(out);
        assert_eq!(dropped.get(), 5);
    }
    assert!(numbers(9).into_iter().eq(0..9));
}

#[test]
fn list_is_as_it_was_without_memory() {
    let _memory = Memory::watch();
    let mut list = numbers(4);
    fail_after(0);
    assert!(list.reserve(100, GFP_ATOMIC).is_err());
    fail_after(0);
    assert!(list.extend_from_slice(&[7; 9], GFP_ATOMIC).is_err());
    fail_after(0);
    assert!(KVec::<u8>::with_capacity(1, GFP_ATOMIC).is_err());
    assert_eq!(list.as_slice(), [0, 1, 2, 3]);
    assert_eq!(list.capacity(), 4);
    assert_eq!(list.push_within_capacity(9), Err(9));
    list.push(4, GFP_KERNEL).unwrap();
    assert_eq!(list.push_within_capacity(5), Ok(()));
    assert_eq!(list.as_slice(), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn list_asks_for_no_more_than_there_can_be() {
    let _memory = Memory::watch();
    let mut list = KVec::<u64>::new();
    assert!(list.reserve(usize::MAX, GFP_KERNEL).is_err());
    assert!(list.reserve(usize::MAX / 8 + 2, GFP_KERNEL).is_err());
    assert!(KVec::<u64>::with_capacity(usize::MAX / 4, GFP_KERNEL).is_err());
    let mut none = KVec::from_elem((), 3, GFP_KERNEL).unwrap();
    assert!(none.reserve(usize::MAX, GFP_KERNEL).is_err());
}

#[test]
fn list_of_values_of_no_size_needs_no_memory() {
    let _memory = Memory::watch();
    fail_after(0);
    let mut list = KVec::with_capacity(2, GFP_KERNEL).unwrap();
    for _ in 0..1000 {
        list.push((), GFP_KERNEL).unwrap();
    }
    assert_eq!((list.len(), list.remove(999)), (1000, Ok(())));
    assert_eq!(list.into_iter().count(), 999);
}

#[test]
fn list_follows_a_model() {
    let _memory = Memory::watch();
    let mut state = 1_u32;
    let mut random = |n: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as usize % n
    };
    let (mut list, mut model) = (KVec::new(), Vec::new());
    for step in 0..20_000 {
        match random(8) {
            0..=3 => {
                list.push(Box::new(step), GFP_KERNEL).unwrap();
                model.push(Box::new(step));
            }
            4 => assert_eq!(list.pop(), model.pop()),
            5 if !model.is_empty() => {
                let i = random(model.len());
                assert_eq!(list.remove(i).unwrap(), model.remove(i));
            }
            6 if random(20) == 0 => {
                list.retain(|value| **value % 3 != 0);
                model.retain(|value| **value % 3 != 0);
            }
            7 if random(50) == 0 => {
                let n = random(model.len() + 2);
                list.truncate(n);
                model.truncate(n);
            }
            _ => {
                list.extend_from_slice(&[Box::new(step)], GFP_KERNEL)
                    .unwrap();
                model.push(Box::new(step));
            }
        }
        assert_eq!(list.as_slice(), model.as_slice());
    }
}

#[test]
fn arc_drops_its_value_with_the_last() {
    let _memory = Memory::watch();
    let dropped = counter();
    let a = Arc::new(Drops(dropped.clone(), 1), GFP_KERNEL).unwrap();
    let b = a.clone();
    let other = Arc::new(Drops(dropped.clone(), 1), GFP_KERNEL).unwrap();
    assert!(Arc::ptr_eq(&a, &b) && !Arc::ptr_eq(&a, &other));
    drop(a);
    assert_eq!((dropped.get(), b.1, live()), (0, 1, 2));
    drop(b);
    assert_eq!((dropped.get(), live()), (1, 1));
    drop(other);
    assert_eq!(dropped.get(), 2);
}

#[test]
fn arc_counts_over_threads() {
    static DROPPED: AtomicUsize = AtomicUsize::new(0);
    struct Value(AtomicUsize);
    impl Drop for Value {
        fn drop(&mut self) {
            assert_eq!(*self.0.get_mut(), 8000);
            DROPPED.fetch_add(1, Ordering::Relaxed);
        }
    }

    let value = Arc::new(Value(AtomicUsize::new(0)), GFP_KERNEL).unwrap();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let value = value.clone();
            thread::spawn(move || {
                for _ in 0..1000 {
                    value.clone().0.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    drop(value);
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(DROPPED.load(Ordering::Relaxed), 1);
}

#[test]
fn unique_arc_is_changed_and_then_shared() {
    let _memory = Memory::watch();
    let dropped = counter();
    let mut only = UniqueArc::new(Drops(dropped.clone(), 1), GFP_KERNEL).unwrap();
    only.1 = 2;
    let a: Arc<_> = only.into();
    let b = a.clone();
    drop(a);
    assert_eq!((b.1, dropped.get()), (2, 0));
    drop(b);
    assert_eq!(dropped.get(), 1);
    // Room that is never filled has nothing to drop.
    drop(UniqueArc::<Drops>::new_uninit(GFP_KERNEL).unwrap());
    let filled = UniqueArc::new_uninit(GFP_KERNEL)
        .unwrap()
        .write(Drops(dropped.clone(), 3));
    assert_eq!((filled.1, dropped.get()), (3, 1));
    drop(filled);
    assert_eq!(dropped.get(), 2);
}

#[test]
fn mutex_lets_one_in() {
    let mutex = KBox::pin_init(new_mutex!(0_usize), GFP_KERNEL).unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..2000 {
                    let mut n = mutex.lock();
                    let seen = *n;
                    thread::yield_now();
                    *n = seen + 1;
                }
            });
        }
    });
    assert_eq!(*mutex.lock(), 8000);
}

#[test]
fn mutex_is_freed_with_what_it_guards() {
    let _memory = Memory::watch();
    let dropped = counter();
    let mutex: Mutex<_> = new_mutex!(Drops(dropped.clone(), 0), "name").unwrap();
    assert_eq!(live(), 1);
    drop(mutex);
    assert_eq!(dropped.get(), 1);
    fail_after(0);
    assert!(KBox::pin_init(new_mutex!(0), GFP_KERNEL).is_err());
    fail_after(1);
    assert_eq!(
        KBox::pin_init(new_mutex!(0), GFP_KERNEL).err(),
        Some(ENOMEM)
    );
}

#[test]
fn set_once_is_set_once() {
    let dropped = counter();
    let once = SetOnce::new();
    assert!(once.as_ref().is_none());
    assert!(once.populate(Drops(dropped.clone(), 1)));
    assert!(!once.populate(Drops(dropped.clone(), 2)));
    assert_eq!(
        (once.as_ref().map(|value| value.1), dropped.get()),
        (Some(1), 1)
    );
    drop(once);
    assert_eq!(dropped.get(), 2);
    drop(SetOnce::<Drops>::new());

    static NUMBER: SetOnce<u32> = SetOnce::new();
    let winners: usize = thread::scope(|scope| {
        let all: Vec<_> = (0..8)
            .map(|i| scope.spawn(move || NUMBER.populate(i)))
            .collect();
        all.into_iter()
            .map(|thread| usize::from(thread.join().unwrap()))
            .sum()
    });
    assert_eq!(winners, 1);
    assert!(NUMBER.copy().is_some_and(|n| n < 8));
}

#[test]
fn errors_are_errno() {
    assert_eq!((EINVAL.to_errno(), ENOMEM.to_errno()), (-22, -12));
    assert_eq!(Error::from_errno(-12), ENOMEM);
    for no_error in [0, 1, 22, -4096, i32::MIN, i32::MAX] {
        assert_eq!(Error::from_errno(no_error), EINVAL);
    }
    assert_eq!(Error::from_errno(-4095).to_errno(), -4095);
    assert_eq!(Error::from(AllocError), ENOMEM);
}

#[test]
fn strings_end_with_a_zero() {
    let _memory = Memory::watch();
    let text = CString::try_from_fmt(fmt!("bond{}", 0)).unwrap();
    assert_eq!(text.to_bytes_with_nul(), b"bond0\0");
    // SAFETY: It is the text's own first character.
    let again = unsafe { CStr::from_char_ptr(text.as_char_ptr()) };
    assert_eq!(again, c"bond0");
    assert_eq!(CString::try_from_fmt(fmt!("a\0b")).err(), Some(EINVAL));
    fail_after(0);
    assert_eq!(CString::try_from_fmt(fmt!("a")).err(), Some(ENOMEM));
    assert_eq!(&*CString::try_from_fmt(fmt!("")).unwrap(), c"");
}

#[test]
fn a_box_prints_its_value() {
    let mut text = String::new();
    let list = numbers(3);
    let shared = Arc::new(1, GFP_KERNEL).unwrap();
    let b = KBox::new('x', GFP_KERNEL).unwrap();
    write!(text, "{list:?} {shared:?} {b:?} {EINVAL:?}").unwrap();
    assert_eq!(text, "[0, 1, 2] 1 'x' Error(-22)");
}
