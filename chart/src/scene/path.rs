//! Outlines of lines and arcs.

use super::{Point, Rect};
use crate::decimal::{push_tenths, tenths};

/// A part of an outline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Segment {
    /// Begins a new part.
    Move(Point),
    /// A straight line.
    Line(Point),
    /// Part of a circle, never more than half of it.
    Arc {
        /// Radius in CSS pixels.
        radius: f64,
        /// True if it turns clockwise on the screen.
        clockwise: bool,
        /// Where it ends.
        to: Point,
    },
    /// A straight line to the begin of the part.
    Close,
}

/// An outline of any number of parts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Path {
    segments: Vec<Segment>,
}

/// The end of a bar that has round corners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RoundEnd {
    Top,
    Bottom,
    Right,
    Left,
    All,
    None,
}

impl Path {
    /// True if nothing would be drawn.
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// The parts in order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    pub(crate) fn move_to(&mut self, x: f64, y: f64) {
        self.segments.push(Segment::Move(Point::new(x, y)));
    }

    pub(crate) fn line_to(&mut self, x: f64, y: f64) {
        self.segments.push(Segment::Line(Point::new(x, y)));
    }

    pub(crate) fn close(&mut self) {
        self.segments.push(Segment::Close);
    }

    /// A straight line by itself.
    pub(crate) fn stroke(&mut self, x0: f64, y0: f64, x1: f64, y1: f64) {
        self.move_to(x0, y0);
        self.line_to(x1, y1);
    }

    /// An arc of at most half a turn.
    pub(crate) fn arc_to(&mut self, radius: f64, clockwise: bool, x: f64, y: f64) {
        self.segments.push(Segment::Arc {
            radius,
            clockwise,
            to: Point::new(x, y),
        });
    }

    /// A rectangle with round corners at one end, of a radius that shrinks with the bar.
    pub(crate) fn bar(&mut self, r: Rect, round: RoundEnd, radius: f64) {
        let radius = match round {
            RoundEnd::None => 0.0,
            RoundEnd::Top | RoundEnd::Bottom => radius.min(r.width() / 2.0).min(r.height()),
            RoundEnd::Left | RoundEnd::Right => radius.min(r.width()).min(r.height() / 2.0),
            RoundEnd::All => radius.min(r.width() / 2.0).min(r.height() / 2.0),
        };
        let corner = |here: &[RoundEnd]| {
            if here.contains(&round) || round == RoundEnd::All {
                radius
            } else {
                0.0
            }
        };
        let (top_left, top_right) = (
            corner(&[RoundEnd::Top, RoundEnd::Left]),
            corner(&[RoundEnd::Top, RoundEnd::Right]),
        );
        let (bottom_left, bottom_right) = (
            corner(&[RoundEnd::Bottom, RoundEnd::Left]),
            corner(&[RoundEnd::Bottom, RoundEnd::Right]),
        );
        self.move_to(r.left, r.bottom - bottom_left);
        self.line_to(r.left, r.top + top_left);
        self.corner(top_left, r.left + top_left, r.top);
        self.line_to(r.right - top_right, r.top);
        self.corner(top_right, r.right, r.top + top_right);
        self.line_to(r.right, r.bottom - bottom_right);
        self.corner(bottom_right, r.right - bottom_right, r.bottom);
        if bottom_left > 0.0 {
            self.line_to(r.left + bottom_left, r.bottom);
            self.corner(bottom_left, r.left, r.bottom - bottom_left);
        }
        self.close();
    }

    /// A slice of a ring; turns are fractions clockwise from the top.
    pub(crate) fn ring(
        &mut self,
        center: Point,
        (inner, outer): (f64, f64),
        (from, to): (f64, f64),
    ) {
        // Half a turn at a time: an arc whose ends coincide after rounding would vanish.
        let parts = if to - from > 0.49 { 4 } else { 1 };
        let at = |radius: f64, turn: f64| on_circle(center, radius, turn);
        let turn = |part: i32| from + (to - from) * f64::from(part) / f64::from(parts);
        let start = at(outer, from);
        self.move_to(start.x, start.y);
        for part in 1..=parts {
            let end = at(outer, turn(part));
            self.arc_to(outer, true, end.x, end.y);
        }
        let start = at(inner, to);
        self.line_to(start.x, start.y);
        for part in (0..parts).rev() {
            let end = at(inner, turn(part));
            self.arc_to(inner, false, end.x, end.y);
        }
        self.close();
    }

    /// Turns the outline over, left for right.
    pub(crate) fn mirror(&mut self, ends: f64) {
        for segment in &mut self.segments {
            match segment {
                Segment::Move(to) | Segment::Line(to) => to.x = ends - to.x,
                Segment::Arc { clockwise, to, .. } => {
                    *clockwise = !*clockwise;
                    to.x = ends - to.x;
                }
                Segment::Close => {}
            }
        }
    }

    fn corner(&mut self, radius: f64, x: f64, y: f64) {
        if radius > 0.0 {
            self.arc_to(radius, true, x, y);
        }
    }

    /// The box around all corners; an arc's bulge counts as a whole circle's only where a ring is drawn.
    pub(crate) fn bounds(&self) -> Rect {
        let mut points = self.segments.iter().filter_map(|segment| match segment {
            Segment::Move(to) | Segment::Line(to) | Segment::Arc { to, .. } => Some(*to),
            Segment::Close => None,
        });
        let Some(first) = points.next() else {
            return Rect::new(0.0, 0.0, 0.0, 0.0);
        };
        points.fold(Rect::new(first.x, first.y, first.x, first.y), |r, p| Rect {
            left: r.left.min(p.x),
            top: r.top.min(p.y),
            right: r.right.max(p.x),
            bottom: r.bottom.max(p.y),
        })
    }

    /// Appends the value of an SVG `d` attribute, relative and rounded to tenths of a pixel.
    ///
    /// Differences are taken between rounded positions, so that errors do not add up.
    pub fn write_d(&self, out: &mut String) {
        let mut pen = Pen {
            x: 0,
            y: 0,
            start: (0, 0),
            command: ' ',
        };
        for segment in &self.segments {
            pen.draw(out, *segment);
        }
    }
}

/// A position on a circle; turns are fractions clockwise from the top.
pub fn on_circle(center: Point, radius: f64, turn: f64) -> Point {
    Point::new(
        center.x + radius * sine(turn),
        center.y - radius * sine(turn + 0.25),
    )
}

/// The turn at which a position is seen from the centre of a circle, to five digits: a fraction from 0 to 1, clockwise
/// from the top. `right` and `down` are the position's distances from the centre.
pub fn turn_at(right: f64, down: f64) -> f64 {
    // Within the eighth of a turn beside an axis, where the series needs few terms; then unfolded.
    let (long, short) = (right.abs().max(down.abs()), right.abs().min(down.abs()));
    let t = if long > 0.0 { short / long } else { 0.0 };
    let s = t * t;
    let arc = t
        * (0.999_977_26
            + s * (-0.332_623_47
                + s * (0.193_543_46 + s * (-0.116_432_87 + s * (0.052_653_32 - s * 0.011_721_2)))));
    let eighth = arc / core::f64::consts::TAU;
    let quarter = if right.abs() > down.abs() {
        0.25 - eighth
    } else {
        eighth
    };
    let half = if down > 0.0 { 0.5 - quarter } else { quarter };
    if right < 0.0 { 1.0 - half } else { half }
}

/// Sine of a fraction of a turn, to nine digits.
///
/// Not the platform's: its last bit differs between server and browser, and in the browser it costs 8 KB.
fn sine(turn: f64) -> f64 {
    // Folded into a quarter turn on each side of zero, where the series needs few terms.
    let turn = turn - turn.round();
    let turn = if turn > 0.25 {
        0.5 - turn
    } else if turn < -0.25 {
        -0.5 - turn
    } else {
        turn
    };
    let x = turn * core::f64::consts::TAU;
    let mut term = x;
    let mut sum = x;
    for n in [6.0, 20.0, 42.0, 72.0, 110.0, 156.0, 210.0] {
        term *= -x * x / n;
        sum += term;
    }
    sum
}

struct Pen {
    x: i64,
    y: i64,
    start: (i64, i64),
    command: char,
}

impl Pen {
    fn draw(&mut self, out: &mut String, segment: Segment) {
        match segment {
            Segment::Move(to) => {
                let (x, y) = (tenths(to.x), tenths(to.y));
                self.begin(out, 'M');
                number(out, x);
                number(out, y);
                (self.x, self.y, self.start) = (x, y, (x, y));
            }
            Segment::Line(to) => {
                let (dx, dy) = self.advance(to);
                match (dx, dy) {
                    (0, 0) => {}
                    (_, 0) => {
                        self.begin(out, 'h');
                        number(out, dx);
                    }
                    (0, _) => {
                        self.begin(out, 'v');
                        number(out, dy);
                    }
                    _ => {
                        self.begin(out, 'l');
                        number(out, dx);
                        number(out, dy);
                    }
                }
            }
            Segment::Arc {
                radius,
                clockwise,
                to,
            } => {
                let (dx, dy) = self.advance(to);
                self.begin(out, 'a');
                number(out, tenths(radius));
                number(out, tenths(radius));
                out.push_str(if clockwise { " 0 0 1" } else { " 0 0 0" });
                out.push(' ');
                push_tenths(out, dx);
                number(out, dy);
            }
            Segment::Close => {
                out.push('z');
                (self.x, self.y) = self.start;
                self.command = 'z';
            }
        }
    }

    fn advance(&mut self, to: Point) -> (i64, i64) {
        let (x, y) = (tenths(to.x), tenths(to.y));
        let delta = (x - self.x, y - self.y);
        (self.x, self.y) = (x, y);
        delta
    }

    /// Writes a command's letter, unless the last one was the same.
    fn begin(&mut self, out: &mut String, command: char) {
        if self.command != command || command == 'M' {
            out.push(command);
        }
        self.command = command;
    }
}

/// Appends a number, with a space only where the one before would run into it.
fn number(out: &mut String, value: i64) {
    if value >= 0 && out.ends_with(|c: char| c.is_ascii_digit()) {
        out.push(' ');
    }
    push_tenths(out, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(path: &Path) -> String {
        let mut out = String::new();
        path.write_d(&mut out);
        out
    }

    #[test]
    fn lines_are_written_relative_and_short() {
        let mut path = Path::default();
        path.move_to(10.0, 20.0);
        path.line_to(15.55, 20.0);
        path.line_to(15.55, 10.0);
        path.line_to(20.0, 5.5);
        path.line_to(25.0, 6.0);
        assert_eq!(d(&path), "M10 20h5.6v-10l4.4-4.5 5 .5");
    }

    #[test]
    fn rounding_errors_do_not_add_up() {
        let mut path = Path::default();
        path.move_to(0.0, 0.0);
        for step in 1..=300 {
            path.line_to(f64::from(step) / 3.0, 0.0);
        }
        let sum: f64 = d(&path)
            .trim_start_matches("M0 0h")
            .split(' ')
            .map(|n| n.parse::<f64>().unwrap())
            .sum();
        assert!((sum - 100.0).abs() < 1e-6, "{sum}");
    }

    #[test]
    fn the_corner_of_a_bar_is_never_larger_than_the_bar() {
        let mut path = Path::default();
        path.bar(Rect::new(0.0, 0.0, 4.0, 20.0), RoundEnd::Top, 3.0);
        assert_eq!(
            d(&path),
            "M0 20v-18a2 2 0 0 1 2-2a2 2 0 0 1 2 2v18z".replace("2-2a2 2", "2-2 2 2")
        );
        let mut flat = Path::default();
        flat.bar(Rect::new(0.0, 0.0, 10.0, 1.0), RoundEnd::Top, 3.0);
        assert_eq!(flat.bounds(), Rect::new(0.0, 0.0, 10.0, 1.0));
    }

    #[test]
    fn a_full_ring_is_drawn_in_arcs_that_do_not_vanish() {
        let mut path = Path::default();
        path.ring(Point::new(50.0, 50.0), (30.0, 40.0), (0.0, 1.0));
        let arcs = path
            .segments()
            .iter()
            .filter(|s| matches!(s, Segment::Arc { .. }))
            .count();
        assert_eq!(arcs, 8);
        let bounds = path.bounds();
        let edges = [bounds.left, bounds.top, bounds.right, bounds.bottom].map(tenths);
        assert_eq!(edges, [100, 100, 900, 900]);
    }

    #[test]
    fn a_position_is_seen_at_the_turn_where_it_was_put() {
        for step in 0..100 {
            let turn = f64::from(step) / 100.0;
            let at = on_circle(Point::new(0.0, 0.0), 7.0, turn);
            assert!((turn_at(at.x, at.y) - turn).abs() < 1e-5, "{turn}");
        }
    }

    #[test]
    fn the_sine_is_that_of_the_platform_to_nine_digits() {
        for step in -1000..=1000 {
            let turn = f64::from(step) / 500.0;
            assert!(
                (sine(turn) - (turn * core::f64::consts::TAU).sin()).abs() < 1e-9,
                "{turn}"
            );
        }
    }
}
