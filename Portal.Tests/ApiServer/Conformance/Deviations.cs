namespace Portal.Tests.ApiServer.Conformance;

/// <summary>
/// The cases that do not hold, in deviations.json: each with the reason and with the difference that is left, so that nothing else breaks behind it.
/// One that holds after all has to leave the list.
/// </summary>
internal static class Deviations
{
    private static readonly JsonObject s_listed = JsonNode.Parse(File.ReadAllText(Recordings.Path("deviations.json")))!.AsObject();

    public static IEnumerable<KeyValuePair<string, JsonNode?>> All => s_listed;

    public static bool Lists(string name) => s_listed.ContainsKey(name);

    /// <summary>Runs a case that must hold, or one that is listed and must not.</summary>
    public static async Task CheckAsync(string name, Func<Task> run)
    {
        string? problem = null;
        try
        {
            await run();
        }
        catch (StepException difference)
        {
            problem = difference.Message;
        }

        if (!Lists(name))
        {
            Assert.True(problem is null, $"{name}: {problem}");
            return;
        }

        Assert.True(problem is not null, $"{name} holds now: remove it from deviations.json.");
        Assert.Contains(s_listed[name]!["difference"]!.ToString(), problem, StringComparison.Ordinal);
    }
}
