using Portal.Auth;

namespace Portal.Features.Prompts;

/// <summary>Who has which prompt open in an editor, in this process.</summary>
public sealed class EditorPresence
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Namespace, string Name), List<Seat>> _seats = [];

    /// <summary>Raised after somebody came or went, with namespace and name; on any thread.</summary>
    public event Action<string, string>? Changed;

    /// <summary>Takes a seat until the result is disposed.</summary>
    public IDisposable Enter(string @namespace, string name, Actor actor)
    {
        var seat = new Seat(this, @namespace, name, actor);
        lock (_lock)
        {
            if (!_seats.TryGetValue((@namespace, name), out var seats))
            {
                _seats[(@namespace, name)] = seats = [];
            }

            seats.Add(seat);
        }

        Changed?.Invoke(@namespace, name);
        return seat;
    }

    /// <summary>The people there besides one, each once, in the order they came; somebody's second page counts as somebody.</summary>
    /// <param name="mine">The seat of the one who asks.</param>
    public IReadOnlyList<Actor> Others(string @namespace, string name, IDisposable? mine)
    {
        lock (_lock)
        {
            return _seats.TryGetValue((@namespace, name), out var seats)
                ? [.. seats.Where(seat => !ReferenceEquals(seat, mine)).Select(seat => seat.Actor).Distinct()] : [];
        }
    }

    private void Leave(Seat seat)
    {
        lock (_lock)
        {
            var key = (seat.Namespace, seat.Name);
            if (!_seats.TryGetValue(key, out var seats) || !seats.Remove(seat))
            {
                return;
            }

            if (seats.Count == 0)
            {
                _seats.Remove(key);
            }
        }

        Changed?.Invoke(seat.Namespace, seat.Name);
    }

    private sealed class Seat(EditorPresence presence, string @namespace, string name, Actor actor) : IDisposable
    {
        public string Namespace => @namespace;
        public string Name => name;
        public Actor Actor => actor;

        public void Dispose() => presence.Leave(this);
    }
}
