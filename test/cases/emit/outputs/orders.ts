import type { RowContext } from "rowmill";

interface Order {
  id: string;
  customer: string;
  price: number;
}

export default async (order: Order, ctx: RowContext) => {
  ctx.emit("log", { id: order.id, at: ctx.line });
  if (order.customer === "") {
    ctx.emit("orphans", order);
    return null;
  }
  await Bun.sleep(order.price < 5 ? 3 : 0);
  ctx.emit("late", { price: order.price, id: order.id });
  return order;
};
