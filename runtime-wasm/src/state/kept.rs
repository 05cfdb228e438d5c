//! A value that reactions follow.

use std::cell::RefCell;

use leptos::prelude::{ArcTrigger, Notify, Track};

/// A value that reactions follow: what a signal of Leptos is, on a trigger of Leptos.
///
/// The trigger is one type whatever the value, while `RwSignal<T>` brings its graph's code along for each `T`.
/// Never changed while it is read: readers get a reference for the length of a call.
pub(crate) struct Kept<T> {
    value: RefCell<T>,
    changed: ArcTrigger,
}

impl<T> Kept<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            value: RefCell::new(value),
            changed: ArcTrigger::new(),
        }
    }

    /// Reads the value; a reaction that does so runs again when it changes.
    pub(crate) fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        self.changed.track();
        read(&self.value.borrow())
    }

    /// Reads the value and does not follow it.
    pub(crate) fn with_untracked<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        read(&self.value.borrow())
    }

    /// Puts another value in its place.
    pub(crate) fn set(&self, value: T) {
        // What the old value drops may read this one.
        drop(self.value.replace(value));
        self.changed.notify();
    }

    /// Changes the value in its place.
    pub(crate) fn update(&self, change: impl FnOnce(&mut T)) {
        change(&mut self.value.borrow_mut());
        self.changed.notify();
    }
}

impl<T: Clone> Kept<T> {
    /// The value; a reaction that asks for it runs again when it changes.
    pub(crate) fn get(&self) -> T {
        self.with(T::clone)
    }

    /// The value, without following it.
    pub(crate) fn get_untracked(&self) -> T {
        self.with_untracked(T::clone)
    }
}

impl<T: PartialEq> Kept<T> {
    /// Puts another value in its place, unless it is the same: no reaction runs for nothing.
    pub(crate) fn put(&self, value: T) {
        if self.with_untracked(|now| *now != value) {
            self.set(value);
        }
    }
}
