using System.Globalization;
using Portal.Dotprompt;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Messages;
using Portal.Dotprompt.Rendering;

// Renders per second of processor time, one JSON line a document and way. usage: Portal.Dotprompt.Bench DOCUMENTS SECONDS
var seconds = double.Parse(args[1], CultureInfo.InvariantCulture);
foreach (var item in JsonNode.Parse(File.ReadAllText(args[0]))!.AsArray())
{
    var source = item!["source"]!.GetValue<string>();
    var partials = item["partials"]!.AsObject().ToDictionary(partial => partial.Key, partial => partial.Value!.GetValue<string>());
    var data = new RenderData
    {
        Input = item["data"]!["input"]!.AsObject(),
        Context = item["data"]!["context"] as JsonObject ?? [],
        Messages = item["data"]!["messages"].Deserialize<List<Message>>(DotpromptJson.Options) ?? [],
    };
    var environment = new RenderEnvironment { Partial = name => partials.GetValueOrDefault(name) };
    var renderer = new PromptRenderer(environment);
    var document = DotpromptDocument.Parse(source);
    Console.WriteLine(JsonSerializer.Serialize(
        new
        {
            name = item["name"]!.GetValue<string>(),
            messages = renderer.Render(document, data).Messages,
            compiled = Rate(() => renderer.Render(document, data)),
            whole = Rate(() => renderer.Render(DotpromptDocument.Parse(source), data)),
        },
        DotpromptJson.Options));
}

double Rate(Action work)
{
    Run(seconds / 2);
    return Run(seconds);

    double Run(double duration)
    {
        var (start, used, count) = (Environment.CpuUsage.TotalTime.TotalSeconds, 0.0, 0);
        while (used < duration)
        {
            for (var i = 0; i < 64; i++)
            {
                work();
            }

            count += 64;
            used = Environment.CpuUsage.TotalTime.TotalSeconds - start;
        }

        return count / used;
    }
}
