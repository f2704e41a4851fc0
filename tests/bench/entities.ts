/**
 * Entities against bitecs alone. Both sides spawn 2,000 entities with two components and their values
 * and despawn them again, with three queries watching; and both add and remove a tag on 100 of 10,000
 * members and then read the query.
 *
 * What the engine does beyond bitecs: staging, handles with generations, zeroed slots, ascending order.
 */
import { addComponent, addEntity, createWorld, query as queryOf, removeComponent, removeEntity } from "bitecs";
import { defineComponent } from "../../engine/ecs/component.ts";
import { f32 } from "../../engine/ecs/field.ts";
import { defineGame } from "../../engine/game.ts";
import { agree, type BenchSize, type Comparison, compare, keep, startEngine } from "./measure.ts";
import { type BenchGroup, type BenchRow, timeRow } from "./row.ts";

const spawnRow = "spawn and despawn, an entity";
const upkeepRow = "query upkeep, a change";

export const entities: BenchGroup = { rowNames: [spawnRow, upkeepRow], run };

const Place = defineComponent("Place", { x: f32, y: f32 });
const Speed = defineComponent("Speed", { x: f32, y: f32 });
const Tag = defineComponent("Tag");

async function run(size: BenchSize): Promise<readonly BenchRow[]> {
  const rounds = size === "whole" ? { warmUpCount: 20, roundCount: 60 } : { warmUpCount: 1, roundCount: 2 };
  const [churnCount, memberCount, changeCount] = size === "whole" ? [2_000, 10_000, 100] : [10, 20, 5];
  const engine = await startEngine(
    defineGame({
      id: "bench-entities",
      tickRate: 60,
      components: [Place, Speed, Tag],
      systems: [],
      setup({ commands }) {
        for (let i = 0; i < memberCount; i++) commands.spawn(Place.of({ x: i }));
      },
    }),
  );
  const { world } = engine;
  const { commands, store } = world;
  const prepared = [[Place], [Place, Speed], [Place, Tag]].map((terms) => world.query(terms));

  const bare = createWorld();
  const capacity = memberCount + churnCount + 2;
  const place = { x: new Float32Array(capacity), y: new Float32Array(capacity) };
  const speed = { x: new Float32Array(capacity), y: new Float32Array(capacity) };
  const tag = {};
  const bareQueries = [[place], [place, speed], [place, tag]];
  const bareMembers = (): number => {
    let count = 0;
    for (const terms of bareQueries) count += queryOf(bare, terms).length;
    return count;
  };
  const bareIds: number[] = [];
  for (let i = 0; i < memberCount; i++) {
    const id = addEntity(bare);
    addComponent(bare, id, place);
    place.x[id] = i;
    bareIds.push(id);
  }
  const preparedMembers = (): number => prepared.reduce((sum, query) => sum + query.entities.length, 0);
  const apply = (): void => {
    commands.apply(world.tickCount);
    keep(preparedMembers());
  };
  commands.isOpen = true;

  const handles = new Float64Array(churnCount);
  const churnIds = new Float64Array(churnCount);
  const spawn = compare({
    ...rounds,
    ours: () => {
      for (let i = 0; i < churnCount; i++)
        handles[i] = commands.spawn(Place.of({ x: i, y: 1 }), Speed.of({ x: 2, y: i }));
      apply();
      for (let i = 0; i < churnCount; i++) commands.despawn(handles[i]!);
      apply();
    },
    peer: () => {
      for (let i = 0; i < churnCount; i++) {
        const id = addEntity(bare);
        addComponent(bare, id, place);
        addComponent(bare, id, speed);
        place.x[id] = i;
        place.y[id] = 1;
        speed.x[id] = 2;
        speed.y[id] = i;
        churnIds[i] = id;
      }
      keep(bareMembers());
      for (let i = 0; i < churnCount; i++) removeEntity(bare, churnIds[i]!);
      keep(bareMembers());
    },
  });
  agree(spawnRow, [preparedMembers()], [bareMembers()]);

  const stride = Math.floor(memberCount / changeCount);
  const members = Array.from(world.query([Place]).entities, (index) => store.handleOf(index));
  const upkeep = compare({
    ...rounds,
    ours: () => {
      for (let i = 0; i < changeCount; i++) commands.add(members[i * stride]!, Tag);
      apply();
      for (let i = 0; i < changeCount; i++) commands.remove(members[i * stride]!, Tag);
      apply();
    },
    peer: () => {
      for (let i = 0; i < changeCount; i++) addComponent(bare, bareIds[i * stride]!, tag);
      keep(bareMembers());
      for (let i = 0; i < changeCount; i++) removeComponent(bare, bareIds[i * stride]!, tag);
      keep(bareMembers());
    },
  });
  agree(upkeepRow, [preparedMembers()], [bareMembers()]);
  commands.isOpen = false;
  engine.dispose();
  return [
    timeRow(spawnRow, each(spawn, churnCount), "bitecs"),
    timeRow(upkeepRow, each(upkeep, changeCount * 2), "bitecs"),
  ];
}

/** A comparison of whole rounds as one of their parts. */
function each({ oursMillis, peerMillis, ratio }: Comparison, count: number): Comparison {
  return { oursMillis: oursMillis / count, peerMillis: peerMillis / count, ratio };
}
