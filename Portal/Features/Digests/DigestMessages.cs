using System.Globalization;
using System.Text;
using Portal.Features.Costs.Queries;
using Portal.Features.Notifications;

namespace Portal.Features.Digests;

/// <summary>A namespace's week in words, and for programs.</summary>
internal sealed class DigestMessages(PortalOptions options)
{
    public Message Of(DigestReport report)
    {
        var (last, text) = (report.Week.Last, new StringBuilder());
        text.AppendLine(CultureInfo.InvariantCulture, $"{report.Namespace}, from {last.FirstDay:yyyy-MM-dd} to {last.LastDay:yyyy-MM-dd}").AppendLine();
        foreach (var (now, before) in report.Amounts)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"Spent: {now}, the week before {before}{Words(CostRow.Change(now.Nanos, before.Nanos))}");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"Calls: {report.Figures.Sums.Calls:N0}, the week before {report.FiguresBefore.Sums.Calls:N0}");
        if (report.Figures.Sums.Unpriced is > 0 and var unpriced)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{unpriced:N0} calls have no price and are in no sum: the true figure is higher.");
        }

        Section("Dearest flows", report.Flows.Select(flow => $"{flow.Name ?? "(no flow: playground, evaluations)"}: {flow.Cost}{Words(flow.Change)}"));
        Section("Budgets at a threshold", report.Budgets.Select(budget => string.Create(
            CultureInfo.InvariantCulture, $"“{budget.Name}”: {budget.Spent} of {budget.Amount} this {budget.Period} ({budget.Percent} %)")));
        Section("Flows that do not work now", report.NotReady.Select(fault => $"{fault.Flow}: {fault.Why}"));
        if (Link(report.Namespace) is { } link)
        {
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"To change or stop this: {link}");
        }

        var subject = $"{report.Namespace}: {string.Join(" and ", report.Amounts.Select(amount => amount.Now.ToString()))} in the week from {last.FirstDay.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}";
        return new Message(Digest.TopicOf(report.Namespace), subject, text.ToString().TrimEnd(), Payload(report, subject));

        void Section(string title, IEnumerable<string> lines)
        {
            if (lines.ToList() is { Count: > 0 } all)
            {
                text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"{title}:");
                all.ForEach(line => text.AppendLine(CultureInfo.InvariantCulture, $"- {line}"));
            }
        }
    }

    private JsonObject Payload(DigestReport report, string subject) => new()
    {
        ["type"] = "digest.week",
        ["text"] = subject,
        ["namespace"] = report.Namespace,
        ["from"] = Time(report.Week.Last.From),
        ["to"] = Time(report.Week.Last.To),
        ["calls"] = report.Figures.Sums.Calls,
        ["callsBefore"] = report.FiguresBefore.Sums.Calls,
        ["unpricedCalls"] = report.Figures.Sums.Unpriced,
        ["spent"] = new JsonArray([.. report.Amounts.Select(amount => new JsonObject { ["currency"] = amount.Now.Currency, ["amount"] = amount.Now.Amount, ["before"] = amount.Before.Amount })]),
        ["flows"] = new JsonArray([.. report.Flows.Select(flow => new JsonObject { ["flow"] = flow.Name, ["amount"] = flow.Cost.Amount, ["currency"] = flow.Cost.Currency, ["change"] = flow.Change })]),
        ["budgets"] = new JsonArray([.. report.Budgets.Select(budget => new JsonObject { ["name"] = budget.Name, ["percent"] = budget.Percent })]),
        ["notReady"] = new JsonArray([.. report.NotReady.Select(fault => new JsonObject { ["flow"] = fault.Flow, ["why"] = fault.Why })]),
        ["link"] = Link(report.Namespace),
    };

    private string? Link(string @namespace) => options.PublicUrl is { } portal ? $"{portal.GetLeftPart(UriPartial.Authority)}/ns/{Uri.EscapeDataString(@namespace)}/digest" : null;

    private static string Words(double? change) => change is { } part && Math.Round(part * 100) is var percent && percent != 0
        ? string.Create(CultureInfo.InvariantCulture, $" ({(percent > 0 ? "+" : "−")}{Math.Abs(percent):0} %)") : "";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
