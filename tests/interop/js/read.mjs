// Reads topics to their present end with kafkajs and parses each record with the CloudEvents SDK.
// node read.mjs '{"brokers": ["host:port"], "group": "name", "topics": ["name"]}'
// Prints one JSON line per record; fails on the first that is not a CloudEvent.
import { Kafka as CloudEventsKafka } from "cloudevents";
import { Kafka, Partitioners, logLevel } from "kafkajs";

const { brokers, group, topics } = JSON.parse(process.argv[2]);
const kafka = new Kafka({ brokers, clientId: group, logLevel: logLevel.ERROR });
const partitioner = Partitioners.DefaultPartitioner();

// what is still to read: "topic/partition" -> next offset after the last
const ends = new Map();
const partitions = new Map();
const admin = kafka.admin();
await admin.connect();
for (const topic of topics) {
  const offsets = await admin.fetchTopicOffsets(topic);
  partitions.set(topic, offsets.map(({ partition }) => ({ partitionId: partition, leader: 0 })));
  for (const { partition, low, high } of offsets) {
    if (high > low) ends.set(`${topic}/${partition}`, Number(high));
  }
}
await admin.disconnect();

const consumer = kafka.consumer({ groupId: group });
let done;
const finished = new Promise((resolve, reject) => (done = { resolve, reject }));
await consumer.connect();
await consumer.subscribe({ topics, fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachMessage: async ({ topic, partition, message }) => {
    try {
      console.log(JSON.stringify(describe(topic, partition, message)));
    } catch (error) {
      done.reject(error);
    }
    const place = `${topic}/${partition}`;
    if (Number(message.offset) + 1 >= ends.get(place)) ends.delete(place);
    if (ends.size === 0) done.resolve();
  },
});
try {
  if (ends.size > 0) await finished;
} finally {
  await consumer.disconnect();
}

function describe(topic, partition, message) {
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [name, value.toString("utf8")]),
  );
  const record = { key: message.key, value: message.value, headers, body: message.value };
  if (!CloudEventsKafka.isEvent(record)) throw new Error(`${topic}: not a CloudEvent`);
  const event = CloudEventsKafka.toEvent(record);
  event.validate(); // strict: the reading alone is lenient
  return {
    topic,
    partition,
    chosen: partitioner({ topic, partitionMetadata: partitions.get(topic), message }),
    offset: message.offset,
    key: message.key.toString("utf8"),
    headers,
    id: event.id,
    type: event.type,
    source: event.source,
    subject: event.subject,
    time: event.time,
    datacontenttype: event.datacontenttype,
    sequence: event.sequence,
    correlationid: event.correlationid,
    causationid: event.causationid,
    data: event.data,
  };
}
