namespace Portal.Tests.Dotprompt.Differential;

/// <summary>Input of the shape that <see cref="TemplateGenerator"/> refers to, with values of the wrong kind here and there.</summary>
/// <param name="random">Where the choices come from.</param>
/// <param name="hasNumbers">Whether there are numbers and booleans besides texts.</param>
internal sealed class ValueGenerator(Random random, bool hasNumbers)
{
    private static readonly string[] s_texts =
    [
        "", "Ada", "a b", " ", "\n", "two\nlines\n", "\r\n", "<b>&amp;</b>", "\"q\" 'q'", "{{name}}", "héé", "你好", "👩‍💻", "שלום", "\u00A0", "\u2028x", "\uFEFF", "\u0085", "0", "1", "false", "null",
        "http://x/a.png", "name", "\\", "\t|", "a.b", "constructor", ">>>",
    ];

    private static readonly double[] s_numbers = [0, 1, -1, 2, 3, 10, 0.5, -0.25, 1e21, 1e-7, 123456789012, 0.1, 1.5e300, 9007199254740991, 100, 5e-324, 1e15, 123456.789];

    public JsonObject Input()
    {
        var input = new JsonObject
        {
            ["name"] = Text(),
            ["text"] = Text(),
            ["n"] = Number(),
            ["flag"] = Truth(),
            ["items"] = List(() => Scalar()),
            ["people"] = List(Person),
            ["map"] = Map(() => Scalar()),
            ["deep"] = new JsonObject { ["a"] = new JsonObject { ["b"] = new JsonObject { ["c"] = Scalar(), ["list"] = List(() => Text()) } } },
            ["odd key"] = Text(),
            ["über"] = Text(),
            ["a-b"] = Text(),
            ["lists"] = List(() => List(() => Scalar())),
            ["url"] = random.Pick("http://x/a.png", "data:image/png;base64,AAAA", "gs://b/c"),
            ["type"] = random.Pick("image/png", "", "audio/wav"),
            ["role"] = random.Pick("system", "user", "model"),
            ["nothing"] = null,
        };
        foreach (var key in input.Select(member => member.Key).ToList())
        {
            if (key is not ("url" or "type" or "role") && random.Chance(12))
            {
                input[key] = Any(0);
            }
            else if (key is not ("url" or "role") && random.Chance(6))
            {
                input.Remove(key);
            }
        }

        return input;
    }

    public JsonObject Context() => random.Chance(30)
        ? new JsonObject { ["auth"] = new JsonObject { ["email"] = Text() }, ["state"] = Map(() => Scalar()), ["plain"] = Text() }
        : [];

    public JsonArray Messages()
    {
        var result = new JsonArray();
        for (var i = random.Chance(40) ? random.Next(4) : 0; i > 0; i--)
        {
            var message = new JsonObject { ["role"] = random.Pick("user", "model", "system", "tool"), ["content"] = new JsonArray(new JsonObject { ["text"] = Text() }) };
            if (random.Chance(20))
            {
                message["metadata"] = random.Pick(new JsonObject { ["x"] = 1 }, new JsonObject { ["purpose"] = "other" }, new JsonObject { ["purpose"] = "history" });
            }

            result.Add(message);
        }

        return result;
    }

    public JsonArray Docs() => random.Chance(20) ? new JsonArray(new JsonObject { ["content"] = new JsonArray(new JsonObject { ["text"] = Text() }) }) : [];

    public JsonNode? Any(int depth) => random.Next(depth > 2 ? 4 : 7) switch
    {
        0 => Text(),
        1 => Number(),
        2 => Truth(),
        3 => null,
        4 => List(() => Any(depth + 1)),
        5 => Map(() => Any(depth + 1)),
        _ => Person(),
    };

    public JsonNode Text() => random.Pick(s_texts);

    private JsonNode? Scalar() => random.Next(6) switch
    {
        0 => Number(),
        1 => Truth(),
        2 => null,
        _ => Text(),
    };

    private JsonNode? Number() => hasNumbers ? random.Pick(s_numbers) : Text();

    private JsonNode? Truth() => hasNumbers ? random.Chance(60) : Text();

    private JsonObject Person() => new() { ["name"] = Text(), ["age"] = Number(), ["tags"] = List(() => Text()), ["active"] = Truth() };

    /// <summary>Never of one item: the reference takes a list of one text for that text, and ../ then climbs too far.</summary>
    private JsonArray List(Func<JsonNode?> item) => new([.. Enumerable.Range(0, random.Pick(0, 2, 2, 3, 4)).Select(_ => item())]);

    private JsonObject Map(Func<JsonNode?> value) =>
        new(random.Pick<string[]>(["x", "y"], ["b", "a", "name"], [], ["k v", "é", "z"], ["x"], ["length", "valueOf2"]).Select(key => KeyValuePair.Create(key, value())));
}
