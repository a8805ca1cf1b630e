//! How columns and texts find room, at any size.

use proptest::prelude::*;
use quarterdeck::ui::query::Query;
use quarterdeck::ui::rows::TableState;
use quarterdeck::ui::views::{self, Column};
use quarterdeck::ui::widgets::table::{cut_end, cut_middle, layout_columns, text_width};

use crate::estate::{drawn, store, world};

#[test]
fn names_are_cut_in_the_middle_and_prose_at_its_end() {
    assert_eq!(
        cut_middle("orders-api-7d9f8b6c5d-x7k2p", 16),
        "orders-a…d-x7k2p"
    );
    assert_eq!(cut_middle("short", 5), "short");
    assert_eq!(cut_middle("long-name", 1), "…");
    assert_eq!(cut_middle("long-name", 0), "");
    assert_eq!(cut_end("Back-off restarting", 9), "Back-off…");
    assert_eq!(text_width(&cut_middle("注文-処理-ワーカー-0", 9)), 9);
}

fn some_columns() -> impl Strategy<Value = Vec<(Column, u16)>> {
    let column = (
        0_u8..7,
        0_u16..20,
        0_u16..60,
        any::<bool>(),
        any::<bool>(),
        0_u16..90,
    );
    let columns = prop::collection::vec(column, 0..14);
    columns.prop_map(|list| {
        let last = list.len().saturating_sub(1);
        let columns = list.into_iter().enumerate();
        let make = |(at, (rank, min, more, wide, right, natural)): (
            usize,
            (u8, u16, u16, bool, bool, u16),
        )| {
            let column = Column {
                header: "HEAD".into(),
                key: if at == 1 {
                    "name".into()
                } else {
                    format!("key{at}").into()
                },
                right,
                wide,
                rank,
                min,
                max: if at == last { u16::MAX } else { min + more },
            };
            (column, natural)
        };
        columns.map(make).collect()
    })
}

proptest! {
    #[test]
    fn columns_never_exceed_their_room(
        columns in some_columns(),
        room in 0_u16..300,
        wide: bool,
        skip in 0_usize..4,
    ) {
        let (columns, natural): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
        let placed = layout_columns(&columns, &natural, room, wide, skip);
        let mut end = 0;
        for place in &placed {
            prop_assert!(place.x >= end && place.width > 0);
            end = place.x + place.width;
            prop_assert!(end <= room);
            prop_assert!(wide || !columns[place.column].wide);
        }
        prop_assert!(placed.windows(2).all(|two| two[0].column < two[1].column));
    }

    #[test]
    fn any_size_is_drawn(width in 0_u16..300, height in 0_u16..12, name in 0_usize..21, wide: bool, skip in 0_isize..4) {
        let store = store();
        let view = &views::ALL[name];
        let mut state = TableState::default();
        state.set_wide(wide);
        state.prepare(view.as_ref(), world(&store), &Query::default(), true);
        state.scroll_columns(skip);
        let text = drawn(view, &store, &mut state, &Query::default(), (width, height));
        for line in text.lines() {
            prop_assert!(text_width(line) <= width);
            prop_assert!(!line.contains(char::is_control));
        }
    }

    #[test]
    fn cut_text_fits(text in "\\PC{0,40}", room in 0_u16..50) {
        prop_assert!(text_width(&cut_middle(&text, room)) <= room.max(text_width(&text).min(room)));
        prop_assert!(text_width(&cut_end(&text, room)) <= room);
    }
}
