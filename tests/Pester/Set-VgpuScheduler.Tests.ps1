BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Set-VgpuScheduler' -Prepare 'Enable-Sriov 0' -Wrong @(
    , @('Set-VgpuScheduler 0 EqualShare -TimesliceMilliseconds 99', 'InvalidRequest', 'InvalidArgument')
    , @('Set-VgpuScheduler 0 BestEffort -TimesliceMilliseconds 5', 'InvalidRequest', 'InvalidArgument')
    , @('Set-VgpuScheduler 1 EqualShare', 'SchedulerNotReady', 'NotEnabled')
    , @('Set-VgpuScheduler 9 EqualShare', 'DeviceNotFound', 'ObjectNotFound')
) -Complete @(
    , @('Set-VgpuScheduler 0000:4b', '0000:4b:00.0')
    , @('Set-VgpuScheduler 0 -Policy Eq', 'EqualShare')
)

Add-ChangingTest 'Set-VgpuScheduler' -Prepare 'Enable-Sriov 0' -Line 'Set-VgpuScheduler 0 EqualShare' -Once `
    -Plan 'set the vGPU scheduler to equal share'

Describe 'Set-VgpuScheduler' {
    BeforeEach { $null = New-TestLab }

    It 'sets policy and slice, and keeps them over reboots where that is asked for' {
        Enable-Sriov 0
        (Set-VgpuScheduler 0 -Policy EqualShare -TimesliceMilliseconds 2 -PassThru).TimesliceMilliseconds | Should -Be 2
        Set-VgpuScheduler 0 FixedShare -Persist -InformationVariable told
        ($told.MessageData | Out-String) | Should -Match '/etc/modprobe.d'
    }

    It 'refuses what is too late, and what MIG mode rules out' {
        Enable-Sriov 0
        New-Vgpu 0 A30-8C
        (Get-TestError { Set-VgpuScheduler 0 EqualShare }).CategoryInfo.Category | Should -Be 'ResourceBusy'
        Enable-MigMode 1 -Reset
        (Get-TestError { Set-VgpuScheduler 1 EqualShare }).FullyQualifiedErrorId | Should -BeLike 'SchedulerNotReady,*'
    }
}
