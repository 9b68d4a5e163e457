using System.Diagnostics;
using System.Text;
using Portal.Tests.Shared;

namespace Portal.Tests.Dotprompt.Differential;

/// <summary>The npm package <c>dotprompt</c>, in one Node process.</summary>
internal static class ReferenceImplementation
{
    /// <summary>Answers in the order of the requests.</summary>
    public static async Task<List<JsonObject>> AnswerAsync(IReadOnlyList<JsonObject> requests)
    {
        if (!Directory.Exists(Repository.Path("e2e", "node_modules", "dotprompt")))
        {
            throw new InvalidOperationException("The reference implementation of Dotprompt is not installed. Run: npm ci --prefix e2e");
        }

        using var process = Process.Start(new ProcessStartInfo("node", ["--max-semi-space-size=64", Repository.Path("e2e", "support", "dotprompt.mjs")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        })!;
        try
        {
            var write = Task.Run(async () =>
            {
                foreach (var request in requests)
                {
                    await process.StandardInput.WriteLineAsync(request.ToJsonString());
                }

                process.StandardInput.Close();
            });
            var complaints = process.StandardError.ReadToEndAsync();
            var answers = new List<JsonObject>(requests.Count);
            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                answers.Add(JsonNode.Parse(line)!.AsObject());
            }

            await write;
            Assert.True(answers.Count == requests.Count, $"{answers.Count} answers to {requests.Count} requests. {await complaints}");
            return answers;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
