//! The operations of a contract, and the search for the operation of a request.

use std::marker::PhantomData;

use hyper::Method;

use crate::PathTemplate;

/// The properties that the contract gives an operation.
#[derive(Debug)]
pub struct OperationInfo {
    /// The name of the operation, as metrics and logs show it.
    pub id: &'static str,
    /// The method of its requests.
    pub method: Method,
    /// The path of its requests.
    pub path: PathTemplate,
    /// The scope that a token needs for it.
    pub scope: Option<&'static str>,
    /// The media types that the body of a request may have. Empty if the operation takes no body.
    pub media_types: &'static [&'static str],
    /// The upper limit of bytes in the body of a request, if the contract sets one.
    pub max_body_bytes: Option<usize>,
    /// The upper limit of items in the body of a request, if the body lists items.
    pub max_items: Option<usize>,
    /// The statuses of its responses.
    pub statuses: &'static [u16],
}

/// The enum of all operations of a contract.
pub trait OperationSet: Copy + 'static {
    /// All operations. If two path templates match the same path, the first one wins.
    const ALL: &'static [Self];

    /// The properties of this operation.
    fn info(self) -> &'static OperationInfo;
}

/// The path template that matches the path of a request, or no template.
#[derive(Debug, Clone, Copy)]
pub struct Route<O> {
    template: Option<PathTemplate>,
    operations: PhantomData<O>,
}

impl<O: OperationSet> Route<O> {
    /// Finds the template of a path. A template without parameters wins over one whose parameter would match.
    #[must_use]
    pub fn find(path: &str) -> Self {
        let templates = || O::ALL.iter().map(|operation| &operation.info().path);
        let literal = templates().find(|template| template.as_str() == path);
        let found = literal.or_else(|| templates().find(|template| template.matches(path)));
        Self { template: found.copied(), operations: PhantomData }
    }

    /// The operation for requests with this path and this method.
    #[must_use]
    pub fn operation(self, method: &Method) -> Option<O> {
        let template = self.template?.as_str();
        O::ALL.iter().copied().find(|operation| {
            let info = operation.info();
            info.method == *method && info.path.as_str() == template
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Sample {
        Delete,
        Get,
        List,
        Part,
    }

    impl OperationSet for Sample {
        const ALL: &'static [Self] = &[Self::Delete, Self::Get, Self::List, Self::Part];

        fn info(self) -> &'static OperationInfo {
            match self {
                Self::Delete => const { &sample("delete", Method::DELETE, "/things/{id}") },
                Self::Get => const { &sample("get", Method::GET, "/things/{id}") },
                Self::List => const { &sample("list", Method::POST, "/things/list") },
                Self::Part => const { &sample("part", Method::GET, "/things/{id}/part") },
            }
        }
    }

    const fn sample(id: &'static str, method: Method, path: &'static str) -> OperationInfo {
        let path = PathTemplate::new(path);
        let (media_types, statuses) = (&[], &[]);
        OperationInfo {
            id,
            method,
            path,
            scope: None,
            media_types,
            max_body_bytes: None,
            max_items: None,
            statuses,
        }
    }

    #[test]
    fn route_finds_the_operation_of_path_and_method() {
        for (method, path, expected) in [
            (Method::GET, "/things/7", Some(Sample::Get)),
            (Method::DELETE, "/things/7", Some(Sample::Delete)),
            (Method::POST, "/things/7", None),
            (Method::POST, "/things/list", Some(Sample::List)),
            // The literal template wins over `/things/{id}`, whatever the method.
            (Method::GET, "/things/list", None),
            (Method::GET, "/things/7/part", Some(Sample::Part)),
            (Method::GET, "/things/", None),
            (Method::GET, "/things", None),
            (Method::GET, "/", None),
            (Method::GET, "*", None),
            (Method::GET, "", None),
        ] {
            assert_eq!(Route::find(path).operation(&method), expected, "{method} {path}");
        }
    }
}
