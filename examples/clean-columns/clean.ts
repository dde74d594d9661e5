// Clean and type columns: white space, letter case, amounts as people write them, empty fields that mean "unknown".
interface Order {
  id: string;
  email: string;
  amount: string;
  country: string;
}

/** `1.234,50 €`, `$1,234.50` and `1234.5` are one number; what is none fails its row. */
function amountOf(text: string): number {
  const digits = text.replaceAll(/[^\d.,-]/g, "");
  const lastMark = Math.max(digits.lastIndexOf(","), digits.lastIndexOf("."));
  const hasDecimals = lastMark >= 0 && digits.length - lastMark <= 3;
  const whole = (hasDecimals ? digits.slice(0, lastMark) : digits).replaceAll(/[.,]/g, "");
  const amount = Number(hasDecimals ? `${whole}.${digits.slice(lastMark + 1)}` : whole);
  if (digits === "" || Number.isNaN(amount)) throw new Error(`no amount: ${JSON.stringify(text)}`);
  return amount;
}

export default ({ id, email, amount, country }: Order) => ({
  id,
  email: email.trim().toLowerCase(),
  amount: amountOf(amount),
  country: country.trim().toUpperCase() || "unknown",
});
