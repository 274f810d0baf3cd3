//! Batches and lookups with the generated client.

use message_to_hash_api::models::{BatchResult, LookupResult, MessageBatch, MessageLookup};
use message_to_hash_api::{AddMessageBatchResponse, ApiNoContext, LookUpMessagesResponse};

use super::ApiClient;
use super::messages::digest;

pub fn texts(number: usize) -> Vec<String> {
    (0..number).map(|number| format!("text {number}")).collect()
}

pub async fn add(client: &ApiClient, messages: &[String]) -> Vec<BatchResult> {
    let answer = client.add_message_batch(MessageBatch::new(messages.to_vec())).await.unwrap();
    let AddMessageBatchResponse::Processed { body, .. } = answer else { panic!("{answer:?}") };
    let digests: Vec<_> = body.results.iter().map(|result| result.digest.clone()).collect();
    assert_eq!(
        digests,
        messages.iter().map(|text| digest(text)).collect::<Vec<_>>(),
        "the order of the request"
    );
    for result in &body.results {
        assert!(result.created.is_some() != result.problem.is_some(), "{result:?}");
    }
    body.results
}

pub async fn look_up(client: &ApiClient, digests: &[String]) -> Vec<LookupResult> {
    let answer = client.look_up_messages(MessageLookup::new(digests.to_vec())).await.unwrap();
    let LookUpMessagesResponse::Processed { body, .. } = answer else { panic!("no results") };
    let answered: Vec<_> = body.results.iter().map(|result| result.digest.clone()).collect();
    assert_eq!(answered, digests, "the order of the request");
    for result in &body.results {
        assert!(result.message.is_some() != result.problem.is_some(), "{}", result.digest);
    }
    body.results
}

pub fn created(results: &[BatchResult]) -> Vec<Option<bool>> {
    results.iter().map(|result| result.created).collect()
}
