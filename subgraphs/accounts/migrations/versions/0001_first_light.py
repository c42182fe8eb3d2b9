"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channel_accounts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("organization_id", sa.String(length=64), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("TELEGRAM", "WHATSAPP", name="channel", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "ACTIVE", "PAUSED", "BANNED", name="accountstatus", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("status_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "health",
            sa.Enum(
                "HEALTHY",
                "DEGRADED",
                "UNREACHABLE",
                "UNKNOWN",
                name="accounthealth",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "messaging_tier",
            sa.Enum(
                "TIER_250",
                "TIER_1K",
                "TIER_2K",
                "TIER_10K",
                "TIER_100K",
                "UNLIMITED",
                name="messagingtier",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "quality_rating",
            sa.Enum(
                "GREEN",
                "YELLOW",
                "RED",
                "UNKNOWN",
                name="qualityrating",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("used_count", sa.Integer(), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=False),
        sa.Column("reserved_capacity", sa.Integer(), nullable=False),
        sa.Column("credentials", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("reserved_capacity >= 0", name=op.f("ck_channel_accounts_reserved")),
        sa.CheckConstraint("used_count >= 0", name=op.f("ck_channel_accounts_used")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_accounts")),
        sa.UniqueConstraint(
            "organization_id",
            "channel",
            "address",
            name=op.f("uq_channel_accounts_organization_id_channel_address"),
        ),
    )
    with op.batch_alter_table("channel_accounts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_channel_accounts_organization_id_display_name_id"),
            ["organization_id", "display_name", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_channel_accounts_organization_id_status_changed_at"),
            ["organization_id", "status_changed_at"],
            unique=False,
        )

    op.create_table(
        "idempotency_records",
        sa.Column("organization_id", sa.String(length=64), nullable=False),
        sa.Column("mutation", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "organization_id", "mutation", "key", name=op.f("pk_idempotency_records")
        ),
    )
    with op.batch_alter_table("idempotency_records", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_idempotency_records_created_at"), ["created_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("idempotency_records", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_records_created_at"))

    op.drop_table("idempotency_records")
    with op.batch_alter_table("channel_accounts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_channel_accounts_organization_id_status_changed_at"))
        batch_op.drop_index(batch_op.f("ix_channel_accounts_organization_id_display_name_id"))

    op.drop_table("channel_accounts")
