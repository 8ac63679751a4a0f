//! The routes, driven as programs drive them.

mod api;
mod desk;
mod document;
mod door;
mod hostile;
mod nested;
mod off;
