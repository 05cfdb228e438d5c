//! Routes that are served, listed and described by one statement: none can be missing from the list, and none can do
//! without its documentation.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodRouter, delete, get, post, put};

use crate::app::App;
use crate::openapi::Operation;

/// Whose credential a route asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// A company's backend, with an admin key.
    AdminKey,
    /// A company's backend, with a read or admin key.
    ReadKey,
    /// A company's backend, with an ingest or admin key.
    IngestKey,
    /// A viewer, with the token of an embed session.
    Session,
    /// An edge, with the edge secret.
    EdgeSecret,
    /// Whoever asks; such a route shows nothing of a tenant.
    Anyone,
}

/// One method of one path.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// Such as `POST`.
    pub method: &'static str,
    /// With its parameters in braces.
    pub path: &'static str,
    /// Who may call it.
    pub caller: Caller,
    /// What it takes and answers.
    pub operation: fn() -> Operation,
}

/// A part of the router with the list of what it serves.
pub(super) struct Table {
    router: Router<App>,
    routes: Vec<Route>,
    caller: Caller,
}

impl Table {
    /// An empty table; the routes that follow are this caller's.
    pub(super) fn of(caller: Caller) -> Self {
        Self {
            router: Router::new(),
            routes: Vec::new(),
            caller,
        }
    }

    /// The routes that follow are this caller's.
    pub(super) fn and(self, caller: Caller) -> Self {
        Self { caller, ..self }
    }

    pub(super) fn get<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        handler: H,
        operation: fn() -> Operation,
    ) -> Self {
        self.add("GET", path, get(handler), operation)
    }

    pub(super) fn post<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        handler: H,
        operation: fn() -> Operation,
    ) -> Self {
        self.add("POST", path, post(handler), operation)
    }

    pub(super) fn put<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        handler: H,
        operation: fn() -> Operation,
    ) -> Self {
        self.add("PUT", path, put(handler), operation)
    }

    pub(super) fn delete<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        handler: H,
        operation: fn() -> Operation,
    ) -> Self {
        self.add("DELETE", path, delete(handler), operation)
    }

    fn add(
        mut self,
        method: &'static str,
        path: &'static str,
        service: MethodRouter<App>,
        operation: fn() -> Operation,
    ) -> Self {
        let caller = self.caller;
        self.routes.push(Route {
            method,
            path,
            caller,
            operation,
        });
        self.router = self.router.route(path, service);
        self
    }

    pub(super) fn into_router(self) -> Router<App> {
        self.router
    }

    pub(super) fn into_routes(self) -> Vec<Route> {
        self.routes
    }
}
