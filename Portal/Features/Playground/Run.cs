using System.Text;
using Portal.Dotprompt.Messages;

namespace Portal.Features.Playground;

/// <summary>A run that goes on in this process, whoever watches. Thread-safe.</summary>
public sealed class Run : IDisposable
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _reasoning = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RunSnapshot _facts;

    internal Run(RunSnapshot start) => _facts = start;

    public string Id => _facts.Id;

    /// <summary>Raised after anything changed, on any thread; handlers must be quick.</summary>
    public event Action? Changed;

    /// <summary>Completes when the run has ended and is recorded; never fails.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Whether the model is still answering.</summary>
    public bool IsRunning
    {
        get
        {
            lock (_lock)
            {
                return _facts.State == RunState.Running;
            }
        }
    }

    internal CancellationToken Stopping => _stopping.Token;

    public RunSnapshot Snapshot()
    {
        lock (_lock)
        {
            return _facts with { Output = _output.ToString(), Reasoning = _reasoning.ToString() };
        }
    }

    /// <summary>The text from <paramref name="offset"/> on, for those who read along.</summary>
    public string OutputSince(int offset)
    {
        lock (_lock)
        {
            return offset >= _output.Length ? "" : _output.ToString(offset, _output.Length - offset);
        }
    }

    /// <summary>Closes the connection to the provider; what has arrived is kept.</summary>
    public void Stop()
    {
        try
        {
            _stopping.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended meanwhile.
        }
    }

    public void Dispose() => _stopping.Dispose();

    internal void Append(IReadOnlyList<Part> content, TimeSpan elapsed)
    {
        lock (_lock)
        {
            _facts = _facts with { FirstToken = _facts.FirstToken ?? elapsed };
            foreach (var part in content)
            {
                switch (part)
                {
                    case TextPart text: _output.Append(text.Text); break;
                    case ReasoningPart reasoning: _reasoning.Append(reasoning.Text); break;
                }
            }
        }

        Changed?.Invoke();
    }

    internal void Update(Func<RunSnapshot, RunSnapshot> change)
    {
        lock (_lock)
        {
            _facts = change(_facts);
        }

        Changed?.Invoke();
    }

    internal void End()
    {
        _ended.TrySetResult();
        Changed?.Invoke();
    }
}
