//! What tables show: every view from the same small estate, the cursor, marks, widths.

use quarterdeck::model::*;
use quarterdeck::ui::query::{Query, Sort, Within};
use quarterdeck::ui::rows::TableState;
use quarterdeck::ui::views::{self, Column, Drill, Prepared};
use quarterdeck::ui::widgets::table::layout_columns;

use crate::estate::{self, drawn, store, tell, world};

#[test]
fn every_view_is_drawn_at_both_sizes() {
    let store = store();
    let mut all: Vec<views::ViewRef> = views::ALL.to_vec();
    all.push(views::find_in(&store, "certs").unwrap());
    for view in all {
        let query = Query::default();
        let small = drawn(&view, &store, &mut TableState::default(), &query, (80, 14));
        let large = drawn(&view, &store, &mut TableState::default(), &query, (160, 14));
        insta::assert_snapshot!(format!("{}_80", view.name()), small);
        insta::assert_snapshot!(format!("{}_160", view.name()), large);
        let mut wide = TableState::default();
        wide.set_wide(true);
        insta::assert_snapshot!(
            format!("{}_wide", view.name()),
            drawn(&view, &store, &mut wide, &query, (260, 14))
        );
    }
}
