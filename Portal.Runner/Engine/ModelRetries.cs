using System.Runtime.CompilerServices;
using Portal.Runner.Contract;
using Portal.Runner.Providers;

namespace Portal.Runner.Engine;

/// <summary>
/// Asks a provider, and asks again after a failure that may pass (429, 502, 503, 529, or no connection), as long as nothing of an answer has
/// arrived: then the caller cannot tell, and no answer is paid twice.
/// </summary>
/// <param name="maxRetries">Further attempts; 0 for none.</param>
internal sealed class ModelRetries(int maxRetries, TimeProvider timeProvider)
{
    private const int DefaultRetries = 2;
    private const int MostRetries = 10;
    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(500);

    // A provider that asks for more patience than this is left to the caller, who is told how long.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(10);

    /// <exception cref="GenkitException"><c>extraConfig.maxRetries</c> is wrong.</exception>
    public static ModelRetries For(RuntimePlugin? plugin, TimeProvider timeProvider) => plugin?.ExtraConfig?["maxRetries"] switch
    {
        null => new(DefaultRetries, timeProvider),
        var node when node.Number() is { } number and >= 0 and <= MostRetries && Math.Floor(number) == number => new((int)number, timeProvider),
        _ => throw new GenkitException(GenkitStatus.InvalidArgument, $"extraConfig.maxRetries of the plugin must be a whole number from 0 to {MostRetries}."),
    };

    public async IAsyncEnumerable<ModelChunk> AskAsync(IModelProvider provider, ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var (begun, wait) = (false, TimeSpan.Zero);
            await using (var chunks = provider.StreamAsync(request, cancellationToken).GetAsyncEnumerator(cancellationToken))
            {
                while (true)
                {
                    try
                    {
                        if (!await MoveNextAsync(chunks, provider, cancellationToken))
                        {
                            yield break;
                        }
                    }
                    catch (GenkitException exception) when (!begun && WaitAfter(exception, attempt) is { } retry)
                    {
                        wait = retry;
                        break;
                    }

                    begun |= chunks.Current.Content.Count > 0;
                    yield return chunks.Current;
                }
            }

            await Task.Delay(wait, timeProvider, cancellationToken);
        }
    }

    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<ModelChunk> chunks, IModelProvider provider, CancellationToken cancellationToken)
    {
        try
        {
            return await chunks.MoveNextAsync();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception) when (exception is not GenkitException)
        {
            throw ProviderErrors.From(exception, provider.Name);
        }
    }

    /// <summary>How long to wait before the next attempt; null when there is to be none.</summary>
    private TimeSpan? WaitAfter(GenkitException exception, int attempt)
    {
        if (attempt >= maxRetries || !MayPass(exception))
        {
            return null;
        }

        if (exception.RetryAfter is { } asked)
        {
            return asked <= s_longestWait ? asked : null;
        }

        // Spread, so that callers who were refused together do not come back together.
        var wait = s_firstWait * Math.Pow(2, attempt) * (0.75 + (Random.Shared.NextDouble() / 2));
        return wait < s_longestWait ? wait : s_longestWait;
    }

    private static bool MayPass(GenkitException exception) => exception.Status is GenkitStatus.ResourceExhausted or GenkitStatus.Unavailable
        && exception.Details?["providerStatus"].Number() is null or 429 or 502 or 503 or 529;
}
