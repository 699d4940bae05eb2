//! Worlds: clients and brokers in one thread, and all that can come between them.

mod missing;
mod network;
mod standing;
mod sweep;
mod tasks;
mod time;
mod truncation;

use std::error::Error;
use std::time::Duration;

use kafka_handle::{Client, Config, ConsumerConfig, ProducerConfig, Record, StartAt};
use kafka_sim::world::{World, WorldHandle, WorldOptions};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// A world of three brokers with a topic `t` of three partitions.
fn world(seed: u64) -> World {
    let world = World::new(WorldOptions { seed, ..WorldOptions::default() });
    world.handle().cluster(|cluster| cluster.create_topic("t", 3, 3)).unwrap();
    world
}

fn client(sim: &WorldHandle) -> Outcome<Client> {
    Ok(sim.client("app", Config::new(&sim.bootstrap())?)?)
}

/// Sends numbers one after the other, each acknowledged before the next.
async fn send(client: &Client, count: u32) -> Outcome<()> {
    let producer = client.producer(ProducerConfig::default())?;
    for number in 0..count {
        producer.send(Record::to("t").value(&number.to_string())).await?.await?;
    }
    producer.close(Duration::from_secs(60)).await?;
    Ok(())
}

/// Reads so many numbers, in no particular order.
async fn read(client: &Client, count: usize) -> Outcome<Vec<u32>> {
    let mut consumer = client.consumer(ConsumerConfig::default())?;
    consumer.assign_topics(&["t"], StartAt::Beginning).await?;
    let mut numbers = Vec::new();
    while numbers.len() < count {
        for record in &consumer.poll(Duration::from_secs(1)).await? {
            numbers.push(std::str::from_utf8(record.value.unwrap_or_default())?.parse()?);
        }
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// What was written is read, whatever `trouble` does meanwhile; gives the trace's hash.
fn survives<F: Future<Output = ()> + Send + 'static>(
    seed: u64,
    trouble: impl FnOnce(WorldHandle) -> F,
) -> u64 {
    let mut world = world(seed);
    let sim = world.handle();
    let trouble = trouble(sim.clone());
    sim.spawn(trouble);
    let numbers = world.run(async move {
        let client = client(&sim)?;
        send(&client, 100).await?;
        sim.heal();
        let numbers = read(&client, 100).await?;
        client.close().await;
        Outcome::Ok(numbers)
    });
    assert_eq!(numbers.unwrap().unwrap(), (0..100).collect::<Vec<_>>());
    world.trace_hash()
}
