using System.Threading.Channels;

namespace VgpuPS.Host.Sessions;

/// <summary>One end of the connection between a module and an agent: lines in, lines out.</summary>
/// <remarks>
/// Writing never waits: a peer that does not read would hold up the work of a host half way through a change.
/// </remarks>
public sealed class AgentChannel : IAsyncDisposable
{
    private const int BlockSize = 64 << 10;
    private const int Backlog = 1 << 20;

    private readonly Stream _input;
    private readonly Stream _output;
    private readonly Channel<byte[]> _toWrite = Channel.CreateUnbounded<byte[]>(
        new UnboundedChannelOptions { SingleReader = true });

    private readonly Task _writing;
    private long _unread;
    private byte[] _buffer = new byte[BlockSize];
    private int _start;
    private int _end;

    /// <summary>Begins to write what is posted.</summary>
    /// <param name="input">Where the peer's lines come from.</param>
    /// <param name="output">Where lines for the peer go.</param>
    public AgentChannel(Stream input, Stream output)
    {
        _input = input;
        _output = output;
        _writing = WriteAsync();
    }

    /// <summary>Hands a frame over; it is dropped where the peer has gone.</summary>
    public void Post(AgentFrame frame)
    {
        var line = AgentProtocol.Write(frame);
        PostRaw(line.Length <= AgentProtocol.MaxLineLength ? line : AgentProtocol.Write(TooLong(frame, line.Length)));
    }

    /// <summary>Hands bytes over as they are; a peer that leaves too many unread loses the connection.</summary>
    public void PostRaw(byte[] bytes)
    {
        if (Interlocked.Add(ref _unread, bytes.Length) - bytes.Length > AgentProtocol.MaxUnread)
        {
            _toWrite.Writer.TryComplete(new IOException("the peer does not read"));
            _ = _input.DisposeAsync().AsTask();
        }

        _toWrite.Writer.TryWrite(bytes);
    }

    /// <summary>Whether so much waits for the peer that it should get no more work done before it reads.</summary>
    public bool IsBehind => Interlocked.Read(ref _unread) > Backlog;

    /// <summary>The peer's next line without its end; null when there is none any more.</summary>
    /// <exception cref="InvalidDataException">It is longer than <see cref="AgentProtocol.MaxLineLength"/>.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<ReadOnlyMemory<byte>?> ReadLineAsync(CancellationToken cancellationToken)
    {
        var searched = _start;
        while (true)
        {
            var at = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                var line = _buffer.AsMemory(_start, searched + at - _start);
                _start = searched + at + 1;
                return line.Length > 0 && line.Span[^1] == (byte)'\r' ? line[..^1] : line;
            }

            searched = _end - _start;
            GrowBuffer();
            searched += _start;
            var read = await _input.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                var rest = _buffer.AsMemory(_start, _end - _start);
                _start = _end;
                return rest.IsEmpty ? (ReadOnlyMemory<byte>?)null : rest;
            }

            _end += read;
        }
    }

    /// <summary>Writes what was posted and ends the outgoing half.</summary>
    /// <param name="limit">Longest wait for a peer that reads slowly.</param>
    public async Task FinishAsync(TimeSpan limit)
    {
        _toWrite.Writer.TryComplete();
        try
        {
            await _writing.WaitAsync(limit).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // A peer that does not read gets no more.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _toWrite.Writer.TryComplete();
        await _output.DisposeAsync().ConfigureAwait(false);
        await _input.DisposeAsync().ConfigureAwait(false);
    }

    private void GrowBuffer()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end < _buffer.Length)
        {
            return;
        }

        if (_buffer.Length >= AgentProtocol.MaxLineLength)
        {
            throw new InvalidDataException($"a line is longer than {AgentProtocol.MaxLineLength >> 20} MiB");
        }

        Array.Resize(ref _buffer, _buffer.Length * 2);
    }

    private static AgentFrame TooLong(AgentFrame frame, int length) => new(AgentFrameKind.Failure)
    {
        Id = frame.Id,
        Failure = AgentFailure.From(new UnreadableDataException(
            ErrorIds.AnswerTooLarge,
            $"the answer has {length >> 20} MiB, and a line can have at most {AgentProtocol.MaxLineLength >> 20}",
            "request less: name GPUs or VMs, or a time: -After, -Newest")),
    };

    private async Task WriteAsync()
    {
        try
        {
            await foreach (var line in _toWrite.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                await _output.WriteAsync(line).ConfigureAwait(false);
                await _output.FlushAsync().ConfigureAwait(false);
                Interlocked.Add(ref _unread, -line.Length);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The peer has gone; whoever reads notices.
            _toWrite.Writer.TryComplete();
        }
    }
}
