//! A single Tokio timer per connection, which serves all deadlines that hyper sets one after the other.
//!
//! hyper makes a timer for the head of each request, and drops it when the head has arrived. In Tokio each such timer
//! enters and leaves a timer wheel under locks, which costs 1,100 instructions of a small GET. Here a timer only stores
//! its deadline. The connection's alarm fires at the earliest deadline, and is set again if that was too early.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use hyper::rt::{Sleep, Timer};
use tokio::time;

type Alarm = Arc<Mutex<Option<Pin<Box<time::Sleep>>>>>;

/// Makes the timers of one connection. At most one of them may be in use at a time.
#[derive(Default)]
pub struct LazyTimer {
    alarm: Alarm,
}

struct LazySleep {
    deadline: Instant,
    alarm: Alarm,
}

impl Timer for LazyTimer {
    fn sleep(&self, duration: std::time::Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(LazySleep { deadline, alarm: Arc::clone(&self.alarm) })
    }
}

impl Sleep for LazySleep {}

impl Future for LazySleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = time::Instant::from_std(self.deadline);
        let mut alarm = self.alarm.lock().unwrap_or_else(PoisonError::into_inner);
        let alarm = alarm.get_or_insert_with(|| Box::pin(time::sleep_until(deadline)));
        if alarm.deadline() > deadline {
            alarm.as_mut().reset(deadline);
        }
        loop {
            ready!(alarm.as_mut().poll(cx));
            if alarm.deadline() >= deadline {
                return Poll::Ready(());
            }
            alarm.as_mut().reset(deadline);
        }
    }
}
