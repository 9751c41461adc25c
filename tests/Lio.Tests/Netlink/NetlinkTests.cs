using System.Runtime.InteropServices;
using TgtModular.Lio.Netlink;
using TgtModular.TestKit;

namespace TgtModular.Lio.Tests.Netlink;

/// <summary>Generic netlink: messages as the kernel writes them, and the kernel of this machine.</summary>
[TestClass]
public sealed class NetlinkTests
{
    /// <summary>What a kernel 6.1 sent for <c>echo 209715200 &gt;attrib/dev_size</c>: command 3, name, minor, number, size.</summary>
    [TestMethod]
    public void Event_NewSize_IsRead()
    {
        byte[] message = new NetlinkRequest(30, 3, 2, 0)
            .Add(1, "tcm-user/0/disk0/lab/disk0").Add(2, 1).Add(8, 7).Bytes.ToArray();
        byte[] size = [12, 0, 5, 0, .. BitConverter.GetBytes(209_715_200L)];
        message = [.. message, .. size];
        MemoryMarshal.Write(message, (uint)message.Length);

        TcmuEvent told = Read(message)!;

        Assert.AreEqual(new TcmuEvent(TcmuEventKind.Reconfigured, "tcm-user/0/disk0/lab/disk0", 1, 7) { Size = 209_715_200 }, told);
    }

    [TestMethod]
    public void Event_WriteCacheAndConfiguration_AreRead()
    {
        Assert.IsTrue(Read(new NetlinkRequest(30, 3, 2, 0).Add(1, "tcm-user/0/d").Add(6, (byte)1).Bytes)!.WriteCache);
        Assert.IsFalse(Read(new NetlinkRequest(30, 3, 2, 0).Add(1, "tcm-user/0/d").Add(6, (byte)0).Bytes)!.WriteCache);
        Assert.AreEqual("lab/b", Read(new NetlinkRequest(30, 3, 2, 0).Add(1, "tcm-user/0/d").Add(4, "lab/b").Bytes)!.Configuration);
        Assert.AreEqual(TcmuEventKind.Removed, Read(new NetlinkRequest(30, 2, 2, 0).Add(1, "tcm-user/0/d").Bytes)!.Kind);
    }

    [TestMethod]
    [DataRow((byte)0)]
    [DataRow((byte)4)]
    [DataRow((byte)7)]
    public void Event_OtherCommand_IsNone(byte command) => Assert.IsNull(Read(new NetlinkRequest(30, command, 2, 0).Add(1, "tcm-user/0/d").Bytes));

    [TestMethod]
    public void Message_CutOffAnywhere_ReadsNothingBeyond()
    {
        byte[] whole = new NetlinkRequest(30, 3, 2, 0).Add(1, "tcm-user/0/disk0").Add(2, 1).Bytes.ToArray();
        for (int length = 0; length < whole.Length; length++)
        {
            byte[] cut = whole[..length];
            Assert.IsNull(Read(cut));
            if (length < 4) continue;
            MemoryMarshal.Write(cut, (uint)length); // the header says what is there, the attributes more
            _ = Read(cut);
        }
    }

    [TestMethod]
    public void RandomBytes_ReadNothingBeyond()
    {
        Random random = new(16);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = new byte[random.Next(0, 80)];
            random.NextBytes(bytes);
            if (bytes.Length >= 20)
            {
                MemoryMarshal.Write(bytes, (uint)random.Next(0, bytes.Length + 4));
                bytes[16] = 3;
            }

            _ = Read(bytes);
        }
    }

    [TestMethod]
    public void Kernel_KnowsItsController_AndNoOtherName()
    {
        using NetlinkSocket socket = new();

        NetlinkFamily controller = socket.FindFamily("nlctrl")!;

        Assert.AreEqual(16, controller.Identifier);
        Assert.Contains("notify", controller.Groups.Keys);
        Assert.IsNull(socket.FindFamily("no such family"));
    }

    [TestMethod]
    public async Task Open_WithOrWithoutTheFamily_DoesNotFail()
    {
        RecordingLogger logger = new();

        await using TcmuNetlink? netlink = await TcmuNetlink.TryOpenAsync(new Deaf(), logger);

        Assert.AreEqual(netlink is null ? 1 : 0, logger.Entries.Count(entry => entry.EventId.Id == 730));
    }

    private static TcmuEvent? Read(ReadOnlySpan<byte> bytes) => NetlinkMessage.TryRead(ref bytes, out NetlinkMessage message) ? TcmuEvent.Read(message) : null;

    private sealed class Deaf : ITcmuListener
    {
        public ValueTask<int?> HandleAsync(TcmuEvent told) => default;
    }
}
