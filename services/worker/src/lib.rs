//! Plan, step, run: from open badges to final anchors.
